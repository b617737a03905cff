import { assert, assertEquals } from "@std/assert";
import { close } from "../../lib/os/file.ts";
import { resolveAddress } from "../../lib/os/resolve_address.ts";
import { isReset, tryConnect, tryConnectToPath } from "../../lib/os/stream_socket.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";

Deno.test("a connection that nobody has taken is reset when the server ends, and not before", async () => {
  await using directory = await temporaryDirectory();
  const { signal } = new AbortController();
  const path = `${directory.path}/socket`;
  const byPort = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const byPath = Deno.listen({ transport: "unix", path });
  const [address] = await resolveAddress("127.0.0.1", byPort.addr.port);
  const sockets = [await tryConnect(address!, signal), await tryConnectToPath(path, signal)];
  assert(sockets.every((socket) => socket >= 0));
  assertEquals(sockets.map(isReset), [false, false]);
  byPort.close();
  byPath.close();
  // What was reset is told once.
  for (const socket of sockets) await until(() => isReset(socket), "the connection to break");
  sockets.forEach(close);
});
