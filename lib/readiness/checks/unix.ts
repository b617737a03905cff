import { close } from "../../os/file.ts";
import { listenersAtPath, peerProcess } from "../../os/listening_sockets.ts";
import { isReset, tryConnectToPath } from "../../os/stream_socket.ts";
import type { ServiceProcesses } from "../service_processes.ts";
import { failed, failure } from "./failure.ts";
import { type OwnerOptions, Ownership, processesLedBy } from "./owner.ts";
import type { ReadinessCheck } from "./readiness_check.ts";

/**
 * A check that holds when a stream socket of the UNIX domain accepts a connection. The connection is
 * closed at once, and nothing is sent.
 *
 * Permissions: `ffi`.
 *
 * @param path The socket's path, of any length; or `@` and the name of an abstract socket.
 * @param options Whose socket it must be.
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
export function unix(path: string, options: OwnerOptions = {}): ReadinessCheck {
  return unixOf(processesLedBy(options.owner), path);
}

/** As {@linkcode unix}; undefined: any process may answer. */
export function unixOf(service: ServiceProcesses | undefined, path: string): ReadinessCheck {
  const ownership = service && new Ownership(service);
  return async (signal) => {
    let socket: number;
    try {
      socket = await tryConnectToPath(path, signal);
    } catch (error) {
      signal.throwIfAborted();
      throw failure(error);
    }
    if (socket < 0) throw failed(`connect to ${path}`, -socket);
    try {
      const listenedBy = peerProcess(socket);
      await ownership?.verify({
        where: path,
        listenedBy,
        sockets: () => listenersAtPath(path, listenedBy),
        isReset: () => isReset(socket),
      }, signal);
    } finally {
      close(socket);
    }
    return true;
  };
}
