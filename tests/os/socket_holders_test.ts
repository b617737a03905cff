import { assert, assertEquals } from "@std/assert";
import { allProcesses, holdsSocket } from "../../lib/os/socket_holders.ts";
import { listenersAt } from "../../lib/os/listening_sockets.ts";
import { resolveAddress } from "../../lib/os/resolve_address.ts";

Deno.test("a process has the sockets that it has open, and no others", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [place] = await resolveAddress("127.0.0.1", listener.addr.port);
  const sockets = listenersAt(place!);
  assertEquals(sockets.size, 1);
  assertEquals(holdsSocket(Deno.pid, sockets), true);
  const child = new Deno.Command("cat", { stdin: "piped", stdout: "null" }).spawn();
  assertEquals(holdsSocket(child.pid, sockets), false);
  assert(allProcesses().includes(child.pid));
  await child.stdin.close();
  await child.status;
  assertEquals(holdsSocket(child.pid, sockets), "hidden");
  listener.close();
  assertEquals(holdsSocket(Deno.pid, sockets), false);
});
