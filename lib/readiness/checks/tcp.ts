import { close } from "../../os/file.ts";
import type { ReadinessCheck } from "../polling/poll_until_ready.ts";
import { connector } from "./connector.ts";
import { parseEndpoint } from "./endpoint.ts";

/**
 * A check that holds when somebody accepts connections at a TCP port. The connection is closed at
 * once, and nothing is sent.
 *
 * A daemon that listens before it can answer (PostgreSQL does) has to be asked in its own language.
 *
 * Permissions: `ffi`.
 *
 * @param where A port of this machine (IPv4 or IPv6), or `host:port`, or `[address]:port`.
 * @throws {TypeError} when that is something else.
 *
 * @example
 * ```ts
 * import { readiness } from "@sv/supervise";
 *
 * const server = Deno.serve({ port: 0, onListen() {} }, () => new Response("hello"));
 * const { ready } = await readiness.pollUntilReady(readiness.tcp(server.addr.port));
 * console.log(ready); // true
 * await server.shutdown();
 * ```
 */
export function tcp(where: number | string): ReadinessCheck {
  const endpoint = parseEndpoint(String(where));
  if (endpoint === undefined) {
    throw new TypeError(`Cannot check ${where}: it is neither a port nor host:port`);
  }
  const connect = connector(endpoint);
  return async (signal) => {
    close(await connect(signal));
    return true;
  };
}
