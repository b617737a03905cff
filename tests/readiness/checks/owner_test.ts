/** Whose server a check by a connection accepts, with servers in perl. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { readiness, type ReadinessCheck } from "../../../mod.ts";
import { verifyHost } from "../../../lib/readiness/checks/http.ts";
import { Ownership, processesLedBy, StrangerError } from "../../../lib/readiness/checks/owner.ts";
import { freePort } from "../../support/free_port.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { within } from "../../support/within.ts";

const { http, tcp, unix } = readiness;
const needs = [missingPrograms("perl", "setsid")];
const { signal } = new AbortController();

/**
 * Listens at a port of 127.0.0.1 (of ::1, with `tcp6`; shared with others, with `shared`) or, with
 * `unix`, at a path.
 */
const LISTENS = `use Socket ':all'; use POSIX; $| = 1; $^F = 99; $SIG{PIPE} = "IGNORE";
my ($kind, $where) = @ARGV;
$where =~ s/^@/\\0/;
my %family = (unix => AF_UNIX, tcp6 => AF_INET6);
socket(my $s, $family{$kind} // AF_INET, SOCK_STREAM, 0) or die $!;
setsockopt($s, SOL_SOCKET, 15, 1) if $kind eq "shared"; # SO_REUSEPORT
bind($s, $kind eq "unix" ? pack_sockaddr_un($where)
  : $kind eq "tcp6" ? pack_sockaddr_in6($where, inet_pton(AF_INET6, "::1"))
  : pack_sockaddr_in($where, inet_aton("127.0.0.1"))) or die "bind: $!";
listen($s, 100) or die $!;
`;

const ANSWERS = `
while (accept(my $c, $s)) { sysread $c, my $b, 4096; syswrite $c, "HTTP/1.1 200 OK\\r\\n\\r\\n"; close $c }
`;

/** A server: prints its process id. */
const SERVER = `${LISTENS}print "$$\\n";${ANSWERS}`;

/** A server that shares its socket with a child in another session, and prints the id of that. */
const ACTIVATOR = `${LISTENS}
my $child = fork // die;
if (!$child) { POSIX::setsid(); print "$$\\n"; exec "sleep", "1000" }
${ANSWERS}`;

/** Starts a command that prints a process id. */
async function started(command: string, ...args: readonly (string | number)[]) {
  const child = new Deno.Command(command, {
    args: args.map(String),
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await within(reader.read(), "a line from a program");
  const printed = Number(new TextDecoder().decode(value));
  assert(printed > 0, `${command} ${args} printed no process id`);
  return {
    /** The process that was started. */
    pid: child.pid,
    /** The process id that was printed. */
    printed,
    async [Symbol.asyncDispose]() {
      for (const pid of new Set([printed, child.pid])) {
        try {
          Deno.kill(pid, "SIGKILL");
        } catch {
          // It has ended.
        }
      }
      await child.status;
      await reader.cancel();
    },
  };
}

const server = (...args: readonly (string | number)[]) => started("perl", "-e", SERVER, ...args);

/** A process that leads a session, and has nothing open. */
const bystander = () => started("setsid", "sh", "-c", "echo $$; exec sleep 1000");

/** Runs a check once. Returns `true`, or the reason of its failure. */
async function ask(check: ReadinessCheck): Promise<boolean | string> {
  try {
    return await within(Promise.resolve(check(signal)), "a check");
  } catch (error) {
    return (error as Error).message;
  }
}

const refused = (where: string, pid: number) =>
  `${where} is answered by perl (pid ${pid}), which isn't part of this service`;

testNeeding(needs, "a port, a URL and a socket count if they are the owner's", async () => {
  await using directory = await temporaryDirectory();
  await using other = await bystander();
  const port = freePort();
  const path = `${directory.path}/socket`;
  const name = `@sv-test-${crypto.randomUUID()}`;
  for (
    const [kind, at, where, check] of [
      ["tcp", port, `port ${port}`, (owner?: number) => tcp(port, { ...owner && { owner } })],
      [
        "tcp",
        port,
        `127.0.0.1:${port}`,
        (owner?: number) => http(`http://127.0.0.1:${port}/`, { ...owner && { owner } }),
      ],
      ["unix", path, path, (owner?: number) => unix(path, { ...owner && { owner } })],
      ["unix", name, name, (owner?: number) => unix(name, { ...owner && { owner } })],
    ] as const
  ) {
    await using own = await server(kind, at);
    assertEquals(await ask(check()), true);
    assertEquals(await ask(check(own.pid)), true);
    assertEquals(await ask(check(other.pid)), refused(where, own.pid));
  }
});

testNeeding(
  needs,
  "a socket of a child counts, and one of a process in the session that the owner leads",
  async () => {
    const port = freePort();
    const command = 'perl -e "$0" tcp "$1" & wait';
    {
      await using parent = await started("sh", "-c", command, SERVER, port);
      assert(parent.pid !== parent.printed);
      assertEquals(await ask(tcp(port, { owner: parent.pid })), true);
    }
    // An orphan: the server's parent has ended.
    const orphan = '(perl -e "$0" tcp "$1" &); exec sleep 1000';
    {
      await using leader = await started("setsid", "sh", "-c", orphan, SERVER, port);
      assertEquals(await ask(tcp(port, { owner: leader.pid })), true);
    }
    await using unrelated = await started("sh", "-c", orphan, SERVER, port);
    assertEquals(
      await ask(tcp(port, { owner: unrelated.pid })),
      refused(`port ${port}`, unrelated.printed),
    );
  },
);

testNeeding(
  needs,
  "a socket that was bound to a relative path is told from another of its name",
  async () => {
    await using directory = await temporaryDirectory();
    await using other = await bystander();
    const path = `${directory.path}/socket`;
    const inDirectory = 'cd "$1" && exec perl -e "$0" unix socket';
    await using own = await started("sh", "-c", inDirectory, SERVER, directory.path);
    assertEquals(await ask(unix(path, { owner: own.pid })), true);
    assertEquals(await ask(unix(path, { owner: other.pid })), refused(path, own.pid));
  },
);

testNeeding(
  needs,
  "a socket that the owner has inherited from another process counts",
  async () => {
    await using directory = await temporaryDirectory();
    const port = freePort();
    const path = `${directory.path}/socket`;
    await using atPort = await started("perl", "-e", ACTIVATOR, "tcp", port);
    await using atPath = await started("perl", "-e", ACTIVATOR, "unix", path);
    for (const owner of [atPort.pid, atPort.printed]) {
      assertEquals(
        await ask(tcp(port, { owner })),
        true,
      );
    }
    for (const owner of [atPath.pid, atPath.printed]) {
      assertEquals(await ask(unix(path, { owner })), true);
    }
    assertEquals(
      await ask(tcp(port, { owner: atPath.printed })),
      refused(`port ${port}`, Math.min(atPort.pid, atPort.printed)),
    );
  },
);

testNeeding(needs, "of processes that share a port each is ready", async () => {
  const port = freePort();
  await using first = await server("shared", port);
  await using second = await server("shared", port);
  await using other = await bystander();
  assertEquals(await ask(tcp(port, { owner: first.pid })), true);
  assertEquals(await ask(tcp(port, { owner: second.pid })), true);
  assert(`${await ask(tcp(port, { owner: other.pid }))}`.startsWith(`port ${port} is answered by`));
});

testNeeding(needs, "where a stranger answers by IPv4, the owner may by IPv6", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  await using own = await server("tcp6", port);
  assertEquals(await ask(tcp(port, { owner: own.pid })), true);
  assert(
    `${await ask(tcp(`127.0.0.1:${port}`, { owner: own.pid }))}`.includes(`(pid ${Deno.pid})`),
  );
  listener.close();
});

testNeeding(
  needs,
  "a stranger is refused again and again, until the owner has the port",
  async () => {
    const port = freePort();
    await using other = await bystander();
    const check = tcp(port, { owner: other.pid });
    {
      await using stranger = await server("tcp", port);
      for (let round = 0; round < 3; round++) {
        assertEquals(await ask(check), refused(`port ${port}`, stranger.pid));
      }
    }
    assertEquals(await ask(check), `cannot connect to port ${port}: Connection refused`);
    await using own = await server("shared", port);
    assertEquals(await ask(check), refused(`port ${port}`, own.pid));
    assertEquals(await ask(tcp(port, { owner: own.pid })), true);
  },
);

testNeeding(needs, "an owner that has died has no socket", async () => {
  const port = freePort();
  await using _server = await server("tcp", port);
  const owner = await bystander();
  const check = tcp(port, { owner: owner.pid });
  await owner[Symbol.asyncDispose]();
  assertEquals(await ask(check), `process ${owner.pid} has died`);
});

testNeeding(needs, "https: a host's address on this machine must be the owner's", async () => {
  const port = freePort();
  await using own = await server("tcp", port);
  await using other = await bystander();
  const url = new URL(`https://127.0.0.1:${port}/`);
  await verifyHost(new Ownership(processesLedBy(own.pid)!), url, signal);
  const strangers = new Ownership(processesLedBy(other.pid)!);
  await assertRejects(() => verifyHost(strangers, url, signal), StrangerError, `pid ${own.pid}`);
  // An address of no machine.
  await verifyHost(strangers, new URL("https://192.0.2.1/"), signal);
});

Deno.test("an answer of which the kernel tells nothing is nobody's, and is not refused", async () => {
  const ownership = new Ownership(processesLedBy(Deno.pid)!);
  const unknown = { where: "somewhere", sockets: () => new Set<number>() };
  assertEquals(await ownership.verify(unknown, signal), false);
  assertEquals(await ownership.verify({ ...unknown, listenedBy: Deno.pid }, signal), true);
  await assertRejects(
    () => ownership.verify({ ...unknown, isReset: () => true }, signal),
    Error,
    "somewhere is not answered any more",
  );
});
