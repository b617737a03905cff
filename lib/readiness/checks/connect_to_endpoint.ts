import { resolveAddress } from "../../os/resolve_address.ts";
import { connectTo } from "../../os/stream_socket.ts";
import { close } from "../../os/file.ts";
import { failure } from "./failure.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";

/** Where a daemon listens that is asked for by its port alone. */
const THIS_MACHINE = ["127.0.0.1", "::1"];

/** Keeps the first connection that is made, and closes any other. */
async function first(attempts: readonly Promise<number>[]): Promise<number> {
  let kept: number | undefined;
  const claimed = attempts.map((attempt) =>
    attempt.then((socket) => {
      if (kept !== undefined) close(socket);
      return kept ??= socket;
    })
  );
  try {
    return await Promise.any(claimed);
  } catch (error) {
    throw (error as AggregateError).errors[0];
  }
}

/**
 * Connects to a port; where its host has several addresses, to the first that accepts.
 *
 * @param endpoint Where.
 * @param signal Aborting it ends the attempt.
 * @returns The descriptor of the connection.
 */
export async function connectToEndpoint(endpoint: Endpoint, signal: AbortSignal): Promise<number> {
  const name = formatEndpoint(endpoint);
  const won = new AbortController();
  try {
    const hosts = endpoint.host === undefined ? THIS_MACHINE : [endpoint.host];
    const addresses = (await Promise.all(hosts.map((host) => resolveAddress(host, endpoint.port))))
      .flat();
    const either = AbortSignal.any([signal, won.signal]);
    return await first(addresses.map((address) => connectTo(address, name, either)));
  } catch (error) {
    signal.throwIfAborted();
    throw failure(error);
  } finally {
    won.abort();
  }
}
