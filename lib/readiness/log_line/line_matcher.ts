import type { Pattern } from "../../os/pattern.ts";
import { NEWLINE } from "../../servicedir/protocol.ts";

/** The number of bytes of a line that are matched; the rest of a longer line is ignored. */
export const LONGEST_LINE = 65_536;

/** Replaces NULs: the C library takes one for the end of the text. */
function withoutNul(bytes: Uint8Array): Uint8Array {
  return bytes.includes(0) ? bytes.map((byte) => byte || 1) : bytes;
}

/**
 * Finds the first line that matches, in a text that comes in pieces. It needs the same memory for lines
 * of any length, and matches all whole lines of a piece at once.
 */
export class LineMatcher {
  readonly #pattern: Pattern;
  /** The beginning of a line that has not ended yet. */
  readonly #line = new Uint8Array(LONGEST_LINE);
  #length = 0;
  /** Whether the line is too long, and its beginning has been matched. */
  #skipping = false;

  /** @param pattern The pattern, made for lines. */
  constructor(pattern: Pattern) {
    this.#pattern = pattern;
  }

  /** Takes a piece. Returns whether a line matches that ends in it, or gets too long in it. */
  feed(piece: Uint8Array): boolean {
    const first = piece.indexOf(NEWLINE);
    if (first < 0) return this.#extend(piece);
    const found = this.#extend(piece.subarray(0, first)) || this.#endLine();
    const last = piece.lastIndexOf(NEWLINE);
    // Without the last newline, after which the pattern would find another, empty line.
    const rest = first < last && this.#matches(piece.subarray(first + 1, last));
    const begun = this.#extend(piece.subarray(last + 1));
    return found || rest || begun;
  }

  /** Ends the text. Returns whether its last line matches, if that has no newline. */
  end(): boolean {
    return this.#length > 0 && this.#endLine();
  }

  #matches(text: Uint8Array, cut = false): boolean {
    return this.#pattern.matches(withoutNul(text), cut);
  }

  #extend(piece: Uint8Array): boolean {
    if (this.#skipping) return false;
    const room = LONGEST_LINE - this.#length;
    this.#line.set(piece.subarray(0, room), this.#length);
    this.#length += Math.min(piece.length, room);
    if (piece.length <= room) return false;
    this.#skipping = true;
    this.#length = 0;
    return this.#matches(this.#line, true);
  }

  #endLine(): boolean {
    const found = !this.#skipping && this.#matches(this.#line.subarray(0, this.#length));
    this.#skipping = false;
    this.#length = 0;
    return found;
  }
}
