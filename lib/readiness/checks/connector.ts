import { close } from "../../os/file.ts";
import { resolveAddress } from "../../os/resolve_address.ts";
import { tryConnect } from "../../os/stream_socket.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { failed } from "./failure.ts";

type Address = Uint8Array<ArrayBuffer>;

/** The addresses of a port that is given without a host. */
const THIS_MACHINE = ["127.0.0.1", "::1"];

/** Matches a host that is an address and not a name. */
const NUMERIC = /^[\d.]+$|:/;

/** Connects to the first of several addresses that accepts; all are tried at the same time. */
async function tryConnectToAny(
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<number> {
  const won = new AbortController();
  const either = AbortSignal.any([signal, won.signal]);
  let kept: number | undefined;
  let refusal = 0;
  await Promise.all(addresses.map(async (address) => {
    const socket = await tryConnect(address, either).catch((error) => {
      if (kept === undefined) throw error;
      return refusal;
    });
    if (socket < 0) refusal ||= socket;
    else if (kept !== undefined) close(socket);
    else {
      kept = socket;
      won.abort();
    }
  }));
  return kept ?? refusal;
}

/**
 * Prepares connections to a port; where its host has several addresses, to the first that accepts. This
 * machine's own addresses are tried one after the other: each answers at once.
 *
 * @param endpoint The port.
 * @returns A function that connects. It returns a descriptor, or throws an error that says what is wrong.
 */
export function connector(endpoint: Endpoint): (signal: AbortSignal) => Promise<number> {
  const { host, port } = endpoint;
  const attempt = `connect to ${formatEndpoint(endpoint)}`;
  const fixed = host === undefined ? THIS_MACHINE : NUMERIC.test(host) ? [host] : undefined;
  let known: Address[] | undefined;

  async function connect(signal: AbortSignal): Promise<number> {
    if (host !== undefined && fixed === undefined) {
      // Resolved each time: the addresses of a name may change.
      const addresses = await resolveAddress(host, port);
      return addresses.length === 1
        ? tryConnect(addresses[0]!, signal)
        : tryConnectToAny(addresses, signal);
    }
    known ??= (await Promise.all(fixed!.map((address) => resolveAddress(address, port)))).flat();
    let refusal = 0;
    for (const address of known) {
      const socket = await tryConnect(address, signal);
      if (socket >= 0) return socket;
      refusal ||= socket;
    }
    return refusal;
  }

  return async (signal) => {
    const socket = await connect(signal);
    if (socket < 0) throw failed(attempt, -socket);
    return socket;
  };
}
