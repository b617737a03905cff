/**
 * Daemons from Debian that speak systemd's protocol, or write to a descriptor something of their own:
 * at the moment of `U` each of them really answers, in 20 starts in a row.
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
  readonly files: (number: number) => ServiceFiles;
  /** Where it answers. */
  readonly connect: (directory: string, number: number) => Promise<Deno.Conn>;
  /** What it is asked. */
  readonly question: Uint8Array<ArrayBuffer>;
  /** What it answers, a character for each byte. */
  readonly answer: RegExp;
}

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Sleeps first, and then becomes the daemon. */
const slowly = (command: string) => `sh -c 'PATH=$PATH:/usr/sbin; sleep 0.05; exec ${command}'`;

const fromSocket = `${sv.join(" ")} notify-fd-from-socket`;

const daemons: Readonly<Record<string, Daemon>> = {
  "haproxy, which speaks systemd's protocol,": {
    files: () => ({
      run: `#!/bin/sh\nexec 2>/dev/null\nexec ${fromSocket} ${
        slowly("haproxy -Ws -f haproxy.cfg")
      }\n`,
      files: {
        "notification-fd": "3\n",
        "haproxy.cfg": `global
  maxconn 100
defaults
  mode http
  timeout client 9s
  timeout server 9s
  timeout connect 9s
frontend hello
  bind unix@socket
  http-request return status 200 content-type text/plain string hello
`,
      },
    }),
    connect: (directory) => Deno.connect({ transport: "unix", path: `${directory}/socket` }),
    question: bytes("GET / HTTP/1.0\r\n\r\n"),
    answer: /^HTTP\/1\.1 200 OK\r\n/,
  },
  "unbound, which speaks systemd's protocol,": {
    files: (number) => ({
      run: `#!/bin/sh\nexec 2>/dev/null\nexec ${fromSocket} ${
        slowly("unbound -d -c unbound.conf")
      }\n`,
      files: {
        "notification-fd": "3\n",
        "unbound.conf": `server:
  interface: 127.0.0.1@${20_000 + number}
  do-daemonize: no
  use-systemd: yes
  use-syslog: no
  logfile: ""
  username: ""
  chroot: ""
  directory: "."
  pidfile: "unbound.pid"
  module-config: "iterator"
  root-hints: ""
  local-zone: "example." static
  local-data: "hello.example. A 192.0.2.1"
remote-control:
  control-enable: no
`,
      },
    }),
    connect: (_, number) => Deno.connect({ hostname: "127.0.0.1", port: 20_000 + number }),
    // A question of the domain name system over TCP, for hello.example. A.
    question: bytes("\0\x1f\0\x07\x01\0\0\x01\0\0\0\0\0\0\x05hello\x07example\0\0\x01\0\x01"),
    // The same number, no error, one answer, which ends with the address.
    // deno-lint-ignore no-control-regex
    answer: /^..\0\x07..\0\x01\0\x01.*\xc0\0\x02\x01/s,
  },
  "Xvfb, which writes the number of its display,": {
    files: (number) => ({
      run: `#!/bin/sh\nexec 2>/dev/null\nexec ${
        slowly(`Xvfb :${number} -displayfd 3 -screen 0 64x64x8 -nolisten tcp -ac`)
      }\n`,
      files: { "notification-fd": "3\n" },
    }),
    connect: (_, number) => Deno.connect({ transport: "unix", path: `/tmp/.X11-unix/X${number}` }),
    // The beginning of every conversation: little-endian, protocol 11.0, no authorization.
    question: bytes("l\0\x0b\0\0\0\0\0\0\0\0\0"),
    // deno-lint-ignore no-control-regex
    answer: /^\x01\0\x0b\0/,
  },
};

/** Asks a daemon, without a second try. */
async function ask(
  { connect, question }: Daemon,
  directory: string,
  number: number,
): Promise<string> {
  using connection = await connect(directory, number);
  await connection.write(question);
  const buffer = new Uint8Array(4096);
  const count = await within(10_000, connection.read(buffer), `an answer from ${directory}`);
  return new TextDecoder("latin1").decode(buffer.subarray(0, count ?? 0));
}

for (const [supervisorName, supervisor] of Object.entries(supervisors)) {
  for (const [daemonName, daemon] of Object.entries(daemons)) {
    Deno.test(`under ${supervisorName}, ${daemonName} answers at the moment of U`, async () => {
      for (let start = 0; start < STARTS; start++) {
        const number = 1000 + Math.floor(Math.random() * 10_000);
        await using directory = await service(daemon.files(number));
        await using events = await FifodirListener.subscribe(`${directory.path}/event`);
        await using supervising = await Supervisor.start(supervisor, directory.path);
        assertEquals(await events.until("U"), "suU");
        assertMatch(await ask(daemon, directory.path, number), daemon.answer);
        assertEquals((await readStatusFile(directory.path)).ready, true);
        // Each removes what it made, where it is told to go.
        await supervising.send("d");
        assertMatch(await events.until("D"), /dD$/);
      }
    });
  }
}
