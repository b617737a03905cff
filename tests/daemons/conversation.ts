import { within } from "../support/within.ts";

/** A question that a daemon answers once it serves. */
export interface Conversation {
  /** What it is asked. */
  readonly question: Uint8Array<ArrayBuffer>;
  /** What it answers, a character for each byte. */
  readonly answer: RegExp;
}

/** How often each daemon is started: a race that is lost now and then shows in one of the starts. */
export const STARTS = 20;

/** HTTP, as nginx and haproxy speak it. */
export const HTTP: Conversation = {
  question: bytes("GET / HTTP/1.0\r\n\r\n"),
  answer: /^HTTP\/1\.1 200 OK\r\n/,
};

/** The protocol of redis. */
export const REDIS: Conversation = { question: bytes("PING\r\n"), answer: /^\+PONG/ };

/** Returns the bytes of a text that has a character for each. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * Asks a daemon, without a second try.
 *
 * @param connecting The connection to it.
 * @param conversation What to ask.
 * @returns The beginning of the answer, a character for each byte.
 */
export async function ask(
  connecting: Promise<Deno.Conn>,
  { question }: Conversation,
): Promise<string> {
  using connection = await connecting;
  await connection.write(question);
  const buffer = new Uint8Array(4096);
  const count = await within(connection.read(buffer), "an answer of the daemon");
  return new TextDecoder("latin1").decode(buffer.subarray(0, count ?? 0));
}
