import { close } from "../../os/file.ts";
import { resolveAddress } from "../../os/resolve_address.ts";
import { tryConnect } from "../../os/stream_socket.ts";
import { type Endpoint, formatEndpoint } from "./endpoint.ts";
import { failed } from "./failure.ts";
import { StrangerError } from "./owner.ts";

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

/** Makes a connection, calls a function with its descriptor, and closes it. */
export type Connect = <Result>(
  signal: AbortSignal,
  use: (socket: number) => Promise<Result>,
) => Promise<Result>;

/**
 * Prepares connections to a port. This machine's own addresses are tried one after the other, because
 * each answers at once; where a host's name has several addresses, the first that accepts is used. An
 * address at which a stranger answers is passed over for the others.
 *
 * @param endpoint The port.
 * @returns A function that connects. It throws an error that says what is wrong, or that of the function
 *   that it calls.
 */
export function connector(endpoint: Endpoint): Connect {
  const { host, port } = endpoint;
  const fixed = host === undefined ? THIS_MACHINE : NUMERIC.test(host) ? [host] : undefined;
  let known: Address[] | undefined;

  return async (signal, use) => {
    let refusal = 0;
    let stranger: StrangerError | undefined;
    const attempt = async (connection: Promise<number>) => {
      const socket = await connection;
      if (socket < 0) {
        refusal ||= socket;
        return undefined;
      }
      try {
        return { result: await use(socket) };
      } catch (error) {
        if (!(error instanceof StrangerError)) throw error;
        stranger ??= error;
        return undefined;
      } finally {
        close(socket);
      }
    };

    // A name is resolved each time: its addresses may change.
    const addresses = fixed === undefined
      ? await resolveAddress(host!, port)
      : known ??= (await Promise.all(fixed.map((address) => resolveAddress(address, port)))).flat();
    if (fixed === undefined && addresses.length > 1) {
      const first = await attempt(tryConnectToAny(addresses, signal));
      if (first !== undefined) return first.result;
      if (stranger === undefined) throw refused(endpoint, refusal);
    }
    for (const address of addresses) {
      const done = await attempt(tryConnect(address, signal));
      if (done !== undefined) return done.result;
    }
    throw stranger ?? refused(endpoint, refusal);
  };
}

function refused(endpoint: Endpoint, refusal: number): Error {
  return failed(`connect to ${formatEndpoint(endpoint)}`, -refusal);
}
