import { close } from "../../os/file.ts";
import { tryConnectToPath } from "../../os/stream_socket.ts";
import type { ReadinessCheck } from "./readiness_check.ts";
import { failed, failure } from "./failure.ts";

/**
 * A check that holds when a stream socket of the UNIX domain accepts a connection. The connection is
 * closed at once, and nothing is sent.
 *
 * Permissions: `ffi`.
 *
 * @param path The socket's path, of any length; or `@` and the name of an abstract socket.
 *
 * @example
 * ```ts
 * import { readiness } from "@sv/supervise";
 *
 * const path = `${Deno.makeTempDirSync()}/socket`;
 * const listener = Deno.listen({ transport: "unix", path });
 * const { ready } = await readiness.pollUntilReady(readiness.unix(path));
 * console.log(ready); // true
 * listener.close();
 * ```
 */
export function unix(path: string): ReadinessCheck {
  return async (signal) => {
    let socket: number;
    try {
      socket = await tryConnectToPath(path, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw failure(error);
    }
    if (socket < 0) throw failed(`connect to ${path}`, -socket);
    close(socket);
    return true;
  };
}
