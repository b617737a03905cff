/** A TCP port. */
export interface Endpoint {
  /** A name or an address; undefined: this machine, by IPv4 or IPv6. */
  readonly host: string | undefined;
  /** The port. */
  readonly port: number;
}

/**
 * Reads `PORT`, `HOST:PORT` or `[ADDRESS]:PORT`.
 *
 * @returns undefined where the text is none of these.
 */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) return undefined;
  return { host: match[1] ?? match[2], port };
}

/** Writes an endpoint as {@linkcode parseEndpoint} reads it, or `port PORT`. */
export function formatEndpoint({ host, port }: Endpoint): string {
  if (host === undefined) return `port ${port}`;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
