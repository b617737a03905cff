/**
 * Daemons from Debian that speak systemd's protocol, or write a line to a descriptor: at the moment of
 * `U` each of them answers, in 20 starts in a row.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { FifodirListener } from "../support/fifodir_listener.ts";
import { freePort } from "../support/free_port.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { service, type ServiceFiles } from "../support/service.ts";
import { readStatusFile } from "../support/status_file.ts";
import { Supervisor, supervisors } from "../support/supervisor.ts";
import { ask, bytes, type Conversation, HTTP, STARTS } from "./conversation.ts";

/** A daemon, and how to ask it whether it works. */
interface Daemon extends Conversation {
  /** The programs that the test needs. */
  readonly programs: readonly string[];
  /** Its service directory. The daemon starts late, so that none is ready by chance. */
  readonly files: (number: number) => ServiceFiles;
  /** Where it answers. */
  readonly connect: (directory: string, number: number) => Promise<Deno.Conn>;
}

/** Returns a command that sleeps first and then becomes the daemon. */
const slowly = (command: string) => `sh -c 'PATH=$PATH:/usr/sbin; sleep 0.05; exec ${command}'`;

const fromSocket = `${sv.join(" ")} notify-fd-from-socket`;

const daemons: Readonly<Record<string, Daemon>> = {
  "haproxy, which speaks systemd's protocol,": {
    programs: ["haproxy"],
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
    ...HTTP,
  },
  "unbound, which speaks systemd's protocol,": {
    programs: ["unbound"],
    files: (number) => ({
      run: `#!/bin/sh\nexec 2>/dev/null\nexec ${fromSocket} ${
        slowly("unbound -d -c unbound.conf")
      }\n`,
      files: {
        "notification-fd": "3\n",
        "unbound.conf": `server:
  interface: 127.0.0.1@${number}
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
    connect: (_, number) => Deno.connect({ hostname: "127.0.0.1", port: number }),
    // A question of the domain name system over TCP, for hello.example. A.
    question: bytes("\0\x1f\0\x07\x01\0\0\x01\0\0\0\0\0\0\x05hello\x07example\0\0\x01\0\x01"),
    // The same number, no error, one answer, which ends with the address.
    // deno-lint-ignore no-control-regex
    answer: /^..\0\x07..\0\x01\0\x01.*\xc0\0\x02\x01/s,
  },
  "Xvfb, which writes the number of its display,": {
    programs: ["Xvfb"],
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

/** X has no display above 59535, and Linux gives out ports from 32768 on. */
const HIGHEST_DISPLAY = 59_535;

/** Returns a number that is free as a port, and can be that of a display. */
function freeNumber(): number {
  for (;;) {
    const port = freePort();
    if (port <= HIGHEST_DISPLAY) return port;
  }
}

for (const [supervisorName, supervisor] of Object.entries(supervisors)) {
  for (const [daemonName, daemon] of Object.entries(daemons)) {
    const name = `under ${supervisorName}, ${daemonName} answers at the moment of U`;
    testNeeding([missingPrograms(...daemon.programs)], name, async () => {
      for (let start = 0; start < STARTS; start++) {
        const number = freeNumber();
        await using directory = await service(daemon.files(number));
        await using events = await FifodirListener.subscribe(`${directory.path}/event`);
        await using supervising = await Supervisor.start(supervisor, directory.path);
        assertEquals(await events.until("U"), "suU");
        assertMatch(await ask(daemon.connect(directory.path, number), daemon), daemon.answer);
        assertEquals((await readStatusFile(directory.path)).ready, true);
        // A daemon that ends by a signal removes its lock files and sockets.
        await supervising.send("d");
        assertMatch(await events.until("D"), /dD$/);
      }
    });
  }
}
