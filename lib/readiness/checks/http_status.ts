import { awaitDescriptor } from "../../os/await_descriptor.ts";
import { close, tryRead, tryWrite } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import { connector } from "./connector.ts";

/** What comes before the status is not worth more. */
const LONGEST_ANSWER = 65_536;

/** What is sent: the least that HTTP/1.1 allows. */
export function request(url: URL): string {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "User-Agent: sv",
    "Accept: */*",
    "Connection: close",
  ];
  if (url.username !== "" || url.password !== "") {
    const credentials = [url.username, url.password].map(decodeURIComponent).join(":");
    const bytes = String.fromCharCode(...new TextEncoder().encode(credentials));
    lines.push(`Authorization: Basic ${btoa(bytes)}`);
  }
  return lines.join("\r\n") + "\r\n\r\n";
}

/**
 * The status in the beginning of an answer.
 *
 * @param answer What has come so far, a character for each byte.
 * @returns undefined while it is not there yet; null where this is not HTTP.
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
  // Something preliminary, behind which the answer itself comes.
  const end = /\r?\n\r?\n/.exec(answer);
  return end === null ? undefined : statusIn(answer.slice(end.index + end[0].length));
}

/**
 * Asks a server by plain HTTP, and takes no more of its answer than the status.
 *
 * @param url Where, and for what.
 * @returns What asks, as often as wanted.
 */
export function httpAsker(url: URL): (signal: AbortSignal) => Promise<number> {
  const port = Number(url.port) || 80;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const connect = connector({ host, port });
  const sent = encodeOs(request(url));
  return async (signal) => await ask(url, sent, await connect(signal), signal);
}

async function ask(
  url: URL,
  sent: Uint8Array<ArrayBuffer>,
  socket: number,
  signal: AbortSignal,
): Promise<number> {
  try {
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
  } finally {
    close(socket);
  }
}
