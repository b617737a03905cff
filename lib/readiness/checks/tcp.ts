import type { ServiceProcesses } from "../service_processes.ts";
import { connector } from "./connector.ts";
import { formatEndpoint, parseEndpoint } from "./endpoint.ts";
import { type OwnerOptions, Ownership, processesLedBy } from "./owner.ts";
import type { ReadinessCheck } from "./readiness_check.ts";
import { tcpAnswer } from "./tcp_answer.ts";

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
 * @param options Whose port it must be.
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
export function tcp(where: number | string, options: OwnerOptions = {}): ReadinessCheck {
  return tcpOf(processesLedBy(options.owner), where);
}

/** As {@linkcode tcp}; undefined: any process may answer. */
export function tcpOf(
  service: ServiceProcesses | undefined,
  where: number | string,
): ReadinessCheck {
  const endpoint = parseEndpoint(String(where));
  if (endpoint === undefined) {
    throw new TypeError(`Cannot check ${where}: it is neither a port nor host:port`);
  }
  const connect = connector(endpoint);
  const ownership = service && new Ownership(service);
  const name = formatEndpoint(endpoint);
  return (signal) =>
    connect(signal, async (socket) => {
      await ownership?.verify(tcpAnswer(name, socket), signal);
      return true;
    });
}
