import { assert, assertEquals } from "@std/assert";
import {
  isOnThisMachine,
  listenerAt,
  listenersAt,
  listenersAtPath,
  parseListeners,
  peerOnThisMachine,
  peerProcess,
} from "../../lib/os/listening_sockets.ts";
import { close } from "../../lib/os/file.ts";
import { resolveAddress } from "../../lib/os/resolve_address.ts";
import { tryConnect, tryConnectToPath } from "../../lib/os/stream_socket.ts";
import { freePort } from "../support/free_port.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { within } from "../support/within.ts";

const { signal } = new AbortController();

/** Returns this process's sockets, by the links in /proc. */
function ownSockets(): Set<number> {
  const found = new Set<number>();
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(`/proc/self/fd/${name}`))?.[1];
      if (inode !== undefined) found.add(Number(inode));
    } catch {
      // It has just been closed.
    }
  }
  return found;
}

for (
  const [hostname, address] of [
    ["127.0.0.1", "127.0.0.1"],
    ["0.0.0.0", "127.0.0.1"],
    ["::1", "::1"],
    ["::", "::1"],
    ["::", "127.0.0.1"],
    ["127.0.0.1", "::ffff:127.0.0.1"],
  ] as const
) {
  Deno.test(`a listener on ${hostname} is found at ${address}, by both ways`, async () => {
    const before = ownSockets();
    const listener = Deno.listen({ hostname, port: 0 });
    const [own] = ownSockets().difference(before);
    const [place] = await resolveAddress(address, listener.addr.port);
    const socket = await tryConnect(place!, signal);
    assert(socket >= 0 && own !== undefined);
    const peer = peerOnThisMachine(socket);
    assert(peer !== undefined);
    assertEquals(listenerAt(peer), own);
    assertEquals(listenersAt(peer), new Set([own]));
    assert(isOnThisMachine(place!));
    close(socket);
    listener.close();
  });
}

Deno.test("where nothing listens, none is found; nor is what listens at another address or port", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.2", port: 0 });
  for (const port of [listener.addr.port, freePort()]) {
    const [place] = await resolveAddress("127.0.0.1", port);
    assertEquals(listenerAt(place!), undefined);
    assertEquals(listenersAt(place!), new Set());
  }
  listener.close();
});

/** Listens three times at a port, at 127.0.0.1, again there and everywhere, and prints the sockets. */
const SHARING = `use Socket; $| = 1;
my ($port, @sockets) = 0;
for my $address ("127.0.0.1", "127.0.0.1", "0.0.0.0") {
  socket(my $s, AF_INET, SOCK_STREAM, 0) or die $!;
  setsockopt($s, SOL_SOCKET, 15, 1) or die $!; # SO_REUSEPORT
  bind($s, pack_sockaddr_in($port, inet_aton($address))) or die $!;
  listen($s, 5) or die $!;
  ($port) = unpack_sockaddr_in(getsockname $s);
  push @sockets, $s;
}
print join(" ", $port, map { (stat $_)[1] } @sockets), "\\n";
<STDIN>`;

testNeeding(
  [missingPrograms("perl")],
  "of sockets that share a port all are found, but only those of the best address",
  async () => {
    const child = new Deno.Command("perl", {
      args: ["-e", SHARING],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    const { value } = await within(reader.read(), "the sockets");
    const [port, ...sockets] = new TextDecoder().decode(value).split(" ").map(Number);
    const [place] = await resolveAddress("127.0.0.1", port!);
    assertEquals(sockets.length, 3);
    assertEquals(listenersAt(place!), new Set(sockets.slice(0, 2)));
    assert(sockets.slice(0, 2).includes(listenerAt(place!)!));
    const [elsewhere] = await resolveAddress("127.0.0.2", port!);
    assertEquals(listenersAt(elsewhere!), new Set(sockets.slice(2)));
    assertEquals(listenerAt(elsewhere!), sockets[2]);
    await child.stdin.close();
    await child.status;
    await reader.cancel();
  },
);

Deno.test("an address of no machine is not on this one", async () => {
  const [place] = await resolveAddress("192.0.2.1", 80);
  assert(!isOnThisMachine(place!));
});

Deno.test("a list ends at the first socket that does not listen", () => {
  const line = (local: string, state: string, inode: number) =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ` +
    `${inode} 1 0000000017c87bc5 100 0 0 10 0\n`;
  const text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n" +
    line("0100007F:1F90", "0A", 644) + line("00000000:0016", "0A", 645);
  const listeners = [
    { local: "0100007F:1F90", inode: 644 },
    { local: "00000000:0016", inode: 645 },
  ];
  assertEquals(parseListeners(text), { listeners, done: false });
  const more = text + line("0100007F:1F90", "01", 646) + line("0100007F:1F91", "0A", 647);
  assertEquals(parseListeners(more), { listeners, done: true });
  assertEquals(parseListeners("a line of another form\n\n1: x\n"), { listeners: [], done: false });
});

Deno.test("a UNIX socket is found by its path, by another name of its directory, and by its name", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/socket`;
  const abstract = `@sv-test-${crypto.randomUUID()}`;
  await Deno.symlink(".", `${directory.path}/link`);
  // Another socket of the same name, whose file is gone.
  await Deno.mkdir(`${directory.path}/gone`);
  const elsewhere = Deno.listen({ transport: "unix", path: `${directory.path}/gone/socket` });
  await Deno.remove(`${directory.path}/gone`, { recursive: true });
  const before = ownSockets();
  const listener = Deno.listen({ transport: "unix", path: `${directory.path}/link/socket` });
  const [own] = ownSockets().difference(before);
  for (const name of [path, `${directory.path}/link/socket`]) {
    assertEquals(listenersAtPath(name, Deno.pid), new Set([own!]));
  }
  assertEquals(listenersAtPath(`${directory.path}/other`, Deno.pid), new Set());
  const other = Deno.listen({ transport: "unix", path: `\0${abstract.slice(1)}` });
  assertEquals(listenersAtPath(abstract, Deno.pid).size, 1);
  assertEquals(listenersAtPath(`${abstract}x`, Deno.pid), new Set());
  const socket = await tryConnectToPath(path, signal);
  assertEquals(peerProcess(socket), Deno.pid);
  close(socket);
  listener.close();
  other.close();
  elsewhere.close();
});
