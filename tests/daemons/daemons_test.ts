/**
 * Daemons as Debian ships them: at the moment of `U` each of them really answers.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { FifodirListener } from "../support/fifodir_listener.ts";
import { sv } from "../support/program.ts";
import { service, type ServiceFiles } from "../support/service.ts";
import { readStatusFile } from "../support/status_file.ts";
import { Supervisor, supervisors } from "../support/supervisor.ts";
import { within } from "../support/within.ts";

const STARTS = 20;

/** A daemon, and how to ask it whether it works. */
interface Daemon {
  /** Its service directory. Every start takes its time, so that nobody is ready by accident. */
  readonly files: ServiceFiles;
  /** The socket where it answers. */
  readonly socket: string;
  /** What it is asked. */
  readonly question: string;
  /** What it answers. */
  readonly answer: RegExp;
}

const notifyoncheck = `${sv.join(" ")} notifyoncheck`;

/** Sleeps first, and then becomes the daemon. */
const slowly = (command: string) => `sh -c 'sleep 0.1; exec ${command}'`;

const daemons: Readonly<Record<string, Daemon>> = {
  "dbus-daemon, which writes to the notification descriptor itself,": {
    files: {
      run: "#!/bin/sh\nexec " +
        slowly(
          "dbus-daemon --session --nofork --nopidfile --print-address=3 " +
            '--address="unix:path=$PWD/socket"',
        ) + "\n",
      files: { "notification-fd": "3\n" },
    },
    socket: "socket",
    question: "\0AUTH ANONYMOUS\r\n",
    answer: /^(OK|REJECTED) /,
  },
  "redis, which is polled,": {
    files: {
      run: `#!/bin/sh\nexec ${notifyoncheck} -w 20 -n 0 ` +
        slowly('redis-server --port 0 --unixsocket socket --save "" --logfile /dev/null') + "\n",
      files: { "notification-fd": "3\n" },
      executables: {
        "data/check": '#!/bin/sh\ntest "$(redis-cli -s socket ping 2>/dev/null)" = PONG\n',
      },
    },
    socket: "socket",
    question: "PING\r\n",
    answer: /^\+PONG/,
  },
  "nginx, which is polled,": {
    files: {
      run: `#!/bin/sh\nPATH=$PATH:/usr/sbin\nsed -i "s|@HERE@|$PWD|" nginx.conf\n` +
        `exec ${notifyoncheck} -d -w 20 -n 0 ` +
        slowly('nginx -e stderr -p "$PWD" -c nginx.conf') + "\n",
      files: {
        "notification-fd": "3\n",
        "nginx.conf": `daemon off;
pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path temp;
  proxy_temp_path temp;
  fastcgi_temp_path temp;
  uwsgi_temp_path temp;
  scgi_temp_path temp;
  server {
    listen unix:@HERE@/socket;
    return 200 hello;
  }
}
`,
      },
      executables: {
        "data/check": `#!/usr/bin/perl
use IO::Socket::UNIX;
my $server = IO::Socket::UNIX->new("socket") or exit 1;
print $server "GET / HTTP/1.0\\r\\n\\r\\n";
exit(<$server> =~ / 200 / ? 0 : 1);
`,
      },
    },
    socket: "socket",
    question: "GET / HTTP/1.0\r\n\r\n",
    answer: /^HTTP\/1\.1 200 OK\r\n/,
  },
};

/** Asks a daemon, without a second try. */
async function ask(path: string, question: string): Promise<string> {
  using connection = await Deno.connect({ transport: "unix", path });
  await connection.write(new TextEncoder().encode(question));
  const buffer = new Uint8Array(4096);
  const count = await within(10_000, connection.read(buffer), `an answer on ${path}`);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
}

for (const [supervisorName, supervisor] of Object.entries(supervisors)) {
  for (const [daemonName, daemon] of Object.entries(daemons)) {
    Deno.test(`under ${supervisorName}, ${daemonName} answers at the moment of U`, async () => {
      for (let start = 0; start < STARTS; start++) {
        await using directory = await service(daemon.files);
        await using events = await FifodirListener.subscribe(`${directory.path}/event`);
        await using _supervisor = await Supervisor.start(supervisor, directory.path);
        assertEquals(await events.until("U"), "suU");
        assertMatch(
          await ask(`${directory.path}/${daemon.socket}`, daemon.question),
          daemon.answer,
        );
        assertEquals((await readStatusFile(directory.path)).ready, true);
      }
    });
  }
}
