/**
 * Daemons as Debian ships them, which do not tell their readiness: a process beside them, or the
 * supervisor itself, polls their port, socket or URL. At the moment of `U` each of them answers, in 20
 * starts in a row.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { FifodirListener } from "../support/fifodir_listener.ts";
import { freePort } from "../support/free_port.ts";
import { type Missing, missingPrograms, missingRoot, testNeeding } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";
import { service } from "../support/service.ts";
import { readStatusFile } from "../support/status_file.ts";
import { Supervisor, supervisors } from "../support/supervisor.ts";
import { ask, bytes, type Conversation, HTTP, REDIS, STARTS } from "./conversation.ts";
import { nginxConfiguration } from "./nginx.ts";

/** A daemon, and how to ask it whether it works. */
interface Daemon extends Conversation {
  /** Programs, another user. */
  readonly needs: readonly Missing[];
  /** Lines of `run` before the daemon. */
  readonly before?: string;
  /** The daemon's command line. */
  readonly command: (port: number) => string;
  /** Further files. */
  readonly files?: (port: number) => Record<string, string>;
  /** The options of notifyoncheck. */
  readonly options: (port: number) => string;
  /** Where it answers: a port, or a socket in the service directory. */
  readonly socket?: string;
  /** The signal that ends it, if not SIGTERM. */
  readonly signal?: string;
}

/** Returns what begins a conversation with PostgreSQL: the protocol 3.0, the user, the database. */
function postgresStartup(): Uint8Array<ArrayBuffer> {
  const text = "\0\x03\0\0user\0postgres\0database\0postgres\0\0";
  return bytes(`\0\0\0${String.fromCharCode(text.length + 4)}${text}`);
}

const CLUSTER = `export PATH="$(ls -d /usr/lib/postgresql/*/bin | tail -n 1):$PATH"
chown postgres .
as="setpriv --reuid postgres --regid postgres --init-groups"
test -d cluster || $as initdb --auth trust --no-sync -D cluster >/dev/null || exit 1
`;

const daemons: Readonly<Record<string, Daemon>> = {
  "redis, by --tcp,": {
    needs: [missingPrograms("redis-server")],
    command: (port) => `redis-server --port ${port} --save "" --logfile /dev/null`,
    options: (port) => `--tcp ${port}`,
    ...REDIS,
  },
  "memcached, by --unix,": {
    needs: [missingPrograms("memcached"), missingRoot("to run memcached as root")],
    command: () => "memcached -u root -s socket",
    options: () => "--unix socket",
    socket: "socket",
    question: bytes("version\r\n"),
    answer: /^VERSION /,
    // memcached ends by other signals only after a second.
    signal: "SIGKILL",
  },
  "nginx, by --http and --pid-file,": {
    needs: [missingPrograms("nginx")],
    command: () => 'nginx -e stderr -p "$PWD" -c nginx.conf',
    files: (port) => ({
      "nginx.conf": nginxConfiguration(
        `127.0.0.1:${port}`,
        "location /health { return 204; }",
        "location / { return 200 hello; }",
      ),
    }),
    options: (port) => `--http http://127.0.0.1:${port}/health --expect 204 --pid-file nginx.pid`,
    ...HTTP,
  },
  // PostgreSQL listens before it accepts a user, so pg_isready asks it once it listens.
  "postgresql, by --unix and pg_isready,": {
    needs: [missingPrograms("psql", "setpriv"), missingRoot("to run postgresql as its own user")],
    before: CLUSTER,
    command: () => '$as postgres -D cluster -k "$PWD" -c listen_addresses= -c fsync=off',
    options: () => `--unix .s.PGSQL.5432 -c 'sh -c "exec pg_isready -q -h $PWD"'`,
    socket: ".s.PGSQL.5432",
    question: postgresStartup(),
    // Authentication is over.
    // deno-lint-ignore no-control-regex
    answer: /^R\0\0\0\x08\0\0\0\0/,
    signal: "SIGINT",
  },
};

/** Connects to where a daemon answers. */
function connect({ socket }: Daemon, path: string, port: number): Promise<Deno.Conn> {
  return socket === undefined
    ? Deno.connect({ hostname: "127.0.0.1", port })
    : Deno.connect({ transport: "unix", path: `${path}/${socket}` });
}

/** What polls the daemon, under which supervisor. */
const ways = [
  { name: "by a process beside it under s6", supervisor: supervisors.s6, beside: true },
  { name: "by a process beside it under sv", supervisor: supervisors.sv, beside: true },
  { name: "by sv itself", supervisor: supervisors.sv, beside: false },
];

for (const [name, daemon] of Object.entries(daemons)) {
  for (const { name: way, supervisor, beside } of ways) {
    testNeeding(daemon.needs, `${name} polled ${way}, answers at the moment of U`, async () => {
      const port = freePort();
      const options = `-w 10 -n 0 ${daemon.options(port)}`;
      const command = daemon.command(port);
      const poll = beside ? `${sv.join(" ")} notifyoncheck ${options}` : "";
      await using directory = await service({
        // The daemon starts late, so that none is ready by chance.
        run: "#!/bin/sh\nPATH=$PATH:/usr/sbin\nexec 2>>errors\n" +
          `rm -f ready socket nginx.pid\n${daemon.before ?? ""}export as PATH\n` +
          `exec ${poll} sh -c 'sleep 0.05; exec "$@"' sh ${command}\n`,
        files: {
          "notification-fd": "3\n",
          "down-signal": `${daemon.signal ?? "SIGTERM"}\n`,
          ...daemon.files?.(port),
          ...beside ? {} : { "data/sv/notifyoncheck": `${options}\n` },
        },
      });
      const { path } = directory;
      await run(["chmod", "755", directory.parent]);
      await using events = await FifodirListener.subscribe(`${path}/event`);
      await using supervising = await Supervisor.start(supervisor, path);
      for (let start = 0; start < STARTS; start++) {
        assertMatch(await events.until("U"), /u U$|uU$/);
        assertMatch(await ask(connect(daemon, path, port), daemon), daemon.answer);
        assertEquals((await readStatusFile(path)).ready, true);
        await supervising.send("d");
        assertEquals(await events.until("D"), "dD");
        await supervising.send("u");
      }
    });
  }
}
