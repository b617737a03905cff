import type { ServerResponse } from "node:http";

/** How many bytes of answers may wait at a time, for all clients together. */
const MOST = 16 * 1024 * 1024;

/**
 * Counts the bytes of answers that clients have asked for and not read. A client that reads nothing costs little by
 * itself, but each answer about a thousand services has some 300 KB, and there are hundreds of connections.
 */
export class UnreadAnswers {
  readonly #most: number;
  #bytes = 0;

  constructor(most = MOST) {
    this.#most = most;
  }

  /** Whether no other large answer is to be made. */
  get areTooMany(): boolean {
    return this.#bytes >= this.#most;
  }

  /** Counts what waits of an answer, until it is read or its connection ends. */
  count(response: ServerResponse): void {
    const bytes = response.writableLength;
    // A stream of events has a limit of its own.
    if (bytes === 0 || response.closed || !response.writableEnded) return;
    this.#bytes += bytes;
    response.once("close", () => void (this.#bytes -= bytes));
  }
}
