/**
 * Daemons as Debian ships them: at the moment of `U` each of them answers.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { FifodirListener } from "../support/fifodir_listener.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { service, type ServiceFiles } from "../support/service.ts";
import { readStatusFile } from "../support/status_file.ts";
import { Supervisor, supervisors } from "../support/supervisor.ts";
import { ask, bytes, type Conversation, HTTP, REDIS, STARTS } from "./conversation.ts";
import { nginxConfiguration } from "./nginx.ts";

/** A daemon, and how to ask it whether it works. */
interface Daemon extends Conversation {
  /** The programs that the test needs. */
  readonly programs: readonly string[];
  /** Its service directory. The daemon starts late, so that none is ready by chance. */
  readonly files: ServiceFiles;
}

const notifyoncheck = `${sv.join(" ")} notifyoncheck`;

/** Returns a command that sleeps first and then becomes the daemon. */
const slowly = (command: string) => `sh -c 'sleep 0.1; exec ${command}'`;

const daemons: Readonly<Record<string, Daemon>> = {
  "dbus-daemon, which writes to the notification descriptor itself,": {
    programs: ["dbus-daemon"],
    files: {
      run: "#!/bin/sh\nexec " +
        slowly(
          "dbus-daemon --session --nofork --nopidfile --print-address=3 " +
            '--address="unix:path=$PWD/socket"',
        ) + "\n",
      files: { "notification-fd": "3\n" },
    },
    question: bytes("\0AUTH ANONYMOUS\r\n"),
    answer: /^(OK|REJECTED) /,
  },
  "redis, which is polled,": {
    programs: ["redis-server", "redis-cli"],
    files: {
      run: `#!/bin/sh\nexec ${notifyoncheck} -w 20 -n 0 ` +
        slowly('redis-server --port 0 --unixsocket socket --save "" --logfile /dev/null') + "\n",
      files: { "notification-fd": "3\n" },
      executables: {
        "data/check": '#!/bin/sh\ntest "$(redis-cli -s socket ping 2>/dev/null)" = PONG\n',
      },
    },
    ...REDIS,
  },
  "nginx, which is polled,": {
    programs: ["nginx", "perl"],
    files: {
      run: `#!/bin/sh\nPATH=$PATH:/usr/sbin\nsed -i "s|@HERE@|$PWD|" nginx.conf\n` +
        `exec ${notifyoncheck} -d -w 20 -n 0 ` +
        slowly('nginx -e stderr -p "$PWD" -c nginx.conf') + "\n",
      files: {
        "notification-fd": "3\n",
        "nginx.conf": nginxConfiguration("unix:@HERE@/socket", "return 200 hello;"),
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
    ...HTTP,
  },
};

for (const [supervisorName, supervisor] of Object.entries(supervisors)) {
  for (const [daemonName, daemon] of Object.entries(daemons)) {
    const name = `under ${supervisorName}, ${daemonName} answers at the moment of U`;
    testNeeding([missingPrograms(...daemon.programs)], name, async () => {
      for (let start = 0; start < STARTS; start++) {
        await using directory = await service(daemon.files);
        await using events = await FifodirListener.subscribe(`${directory.path}/event`);
        await using _supervisor = await Supervisor.start(supervisor, directory.path);
        assertEquals(await events.until("U"), "suU");
        const connecting = Deno.connect({ transport: "unix", path: `${directory.path}/socket` });
        assertMatch(await ask(connecting, daemon), daemon.answer);
        assertEquals((await readStatusFile(directory.path)).ready, true);
      }
    });
  }
}
