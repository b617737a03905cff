import { close } from "../../os/file.ts";
import type { ReadinessCheck } from "./readiness_check.ts";
import { connector } from "./connector.ts";
import { parseEndpoint } from "./endpoint.ts";

/**
 * A check that holds when a TCP port accepts a connection. The connection is closed at once, and
 * nothing is sent.
 *
 * For a daemon that listens before it can answer, as PostgreSQL does, use a check that speaks its
 * protocol.
 *
 * Permissions: `ffi`.
 *
 * @param where A port of this machine (IPv4 or IPv6), or `host:port`, or `[address]:port`.
 * @throws {TypeError} when `where` is none of these.
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
