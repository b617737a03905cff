import { UsageError } from "../../options/usage_error.ts";

/** Where requests come in. */
export type Address =
  | { readonly transport: "unix"; readonly path: string }
  | { readonly transport: "tcp"; readonly hostname: string; readonly port: number };

/** The longest path that the kernel takes for a socket, in bytes. */
const LONGEST_PATH = 107;

/** Returns whether a text is the address of a machine, as numbers. */
export function isIpAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) || /^\[[\da-fA-F:.]+(%\w+)?\]$/.test(text);
}

/**
 * Reads an address: `unix:/run/sv.sock`, `127.0.0.1:9000`, `[::1]:9000`, `localhost:9000`.
 *
 * @throws {UsageError} when it is none.
 */
export function parseAddress(text: string): Address {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    if (!/^[./]/.test(path)) {
      throw new UsageError(`--listen ${text}: the path of a socket begins with a slash or a dot`);
    }
    if (new TextEncoder().encode(path).length > LONGEST_PATH) {
      throw new UsageError(
        `--listen ${text}: the path of a socket has ${LONGEST_PATH} bytes at most`,
      );
    }
    return { transport: "unix", path };
  }
  const [, host, digits] = /^(\[[^\]]+\]|[^:[\]]+):(\d{1,5})$/.exec(text) ?? [];
  if (
    host === undefined || Number(digits) > 65535 || !(isIpAddress(host) || host === "localhost")
  ) {
    throw new UsageError(
      `--listen takes unix:PATH or ADDRESS:PORT, such as 127.0.0.1:9000 or [::1]:9000, not '${text}'`,
    );
  }
  return { transport: "tcp", hostname: host.replace(/^\[|\]$/g, ""), port: Number(digits) };
}

/** Returns an address as it is shown. */
export function addressText(address: Address): string {
  if (address.transport === "unix") return `unix:${address.path}`;
  const { hostname, port } = address;
  return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}/`;
}
