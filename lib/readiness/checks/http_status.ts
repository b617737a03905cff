import { awaitDescriptor } from "../../os/await_descriptor.ts";
import { tryRead, tryWrite } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import { connector } from "./connector.ts";

/** The most bytes that are read in search of the status. */
const LONGEST_ANSWER = 65_536;

/** Decodes a user or a password; one with a `%` that begins no code stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns the request: the least that HTTP/1.1 allows. */
export function request(url: URL): string {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "User-Agent: sv",
    "Accept: */*",
    "Connection: close",
  ];
  if (url.username !== "" || url.password !== "") {
    const credentials = [url.username, url.password].map(decoded).join(":");
    const bytes = String.fromCharCode(...new TextEncoder().encode(credentials));
    lines.push(`Authorization: Basic ${btoa(bytes)}`);
  }
  return lines.join("\r\n") + "\r\n\r\n";
}

/**
 * Finds the status in the beginning of an answer.
 *
 * @param answer The beginning, a character for each byte.
 * @returns undefined where the beginning is too short; null where the answer is not HTTP.
 */
export function statusIn(answer: string): number | null | undefined {
  const line = /^HTTP\/1\.\d (\d{3})(?:[ \r\n]|$)/.exec(answer);
  if (line === null) {
    return answer.includes("\n") || answer.length > 16 || !"HTTP/1.".startsWith(answer.slice(0, 7))
      ? null
      : undefined;
  }
  if (!answer.includes("\n")) return undefined;
  const status = Number(line[1]);
  if (status < 100 || status > 199) return status;
  // An interim answer, which the answer itself follows.
  const end = /\r?\n\r?\n/.exec(answer);
  return end === null ? undefined : statusIn(answer.slice(end.index + end[0].length));
}

/** Called with the status of an answer, while its connection is still open. */
export type OnStatus<Result> = (status: number, socket: number) => Promise<Result>;

/**
 * Prepares GET requests by plain HTTP, of whose answers only the status is read.
 *
 * @param url The URL.
 * @returns A function that sends a request, and returns what its second argument does.
 */
export function httpAsker(
  url: URL,
): <Result>(signal: AbortSignal, onStatus: OnStatus<Result>) => Promise<Result> {
  const connect = connector(endpointOf(url));
  const sent = encodeOs(request(url));
  return (signal, onStatus) =>
    connect(signal, async (socket) => await onStatus(await ask(url, sent, socket, signal), socket));
}

/** Returns the host and the port that a URL names. */
export function endpointOf({ hostname, port, protocol }: URL): { host: string; port: number } {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(port) || (protocol === "https:" ? 443 : 80) };
}

async function ask(
  url: URL,
  sent: Uint8Array<ArrayBuffer>,
  socket: number,
  signal: AbortSignal,
): Promise<number> {
  const count = tryWrite(socket, sent);
  if (count !== sent.length) {
    throw new SystemError(`ask ${url.host}`, Math.max(-count, Errno.EIO));
  }
  const buffer = new Uint8Array(4096);
  let answer = "";
  while (answer.length < LONGEST_ANSWER) {
    await awaitDescriptor(socket, "read", signal);
    const got = tryRead(socket, buffer);
    if (got === -Errno.EAGAIN) continue;
    if (got < 0) throw new SystemError(`read the answer of ${url.host}`, -got);
    if (got === 0) break;
    answer += String.fromCharCode(...buffer.subarray(0, got));
    const status = statusIn(answer);
    if (status === null) throw new Error(`${url.host} does not answer in HTTP`);
    if (status !== undefined) return status;
  }
  throw new Error(`${url.host} closed the connection without an answer`);
}
