import { libc } from "./libc.ts";
import { cString, decodeOs } from "./os_string.ts";

const REG_EXTENDED = 1;
const REG_NEWLINE = 4;
const REG_NOSUB = 8;
const REG_NOTBOL = 1;
const REG_NOTEOL = 2;

/** At least as large as `regex_t` of any C library. */
const REGEX_BYTES = 256;

/** An extended regular expression of POSIX that is matched against bytes: events, or lines of text. */
export class Pattern implements Disposable {
  readonly #regex = new Uint8Array(REGEX_BYTES);

  /**
   * @param source The expression.
   * @param lines Whether it is matched against each line of a text by itself.
   * @throws {TypeError} when it is not a regular expression.
   */
  constructor(source: string, lines = false) {
    if (lines && source.includes("\n")) {
      throw new TypeError(`Cannot find '${source}' in a line: it has a line break`);
    }
    const flags = REG_EXTENDED | REG_NOSUB | (lines ? REG_NEWLINE : 0);
    const error = libc.regcomp(this.#regex, cString(source), flags);
    if (error === 0) return;
    const text = new Uint8Array(256);
    const length = Number(libc.regerror(error, this.#regex, text, BigInt(text.length)));
    throw new TypeError(
      `Cannot use '${source}' as an extended regular expression: ${
        decodeOs(text.subarray(0, Math.min(length, text.length) - 1))
      }`,
    );
  }

  /**
   * Whether it matches anywhere in these bytes, up to the first byte 0.
   *
   * @param bytes Where to look.
   * @param cut Whether the last line goes on after these bytes.
   * @param begun Whether the first line has begun before these bytes.
   */
  matches(bytes: Uint8Array, cut = false, begun = false): boolean {
    const subject = new Uint8Array(bytes.length + 1);
    subject.set(bytes);
    const flags = (cut ? REG_NOTEOL : 0) | (begun ? REG_NOTBOL : 0);
    return libc.regexec(this.#regex, subject, 0n, null, flags) === 0;
  }

  [Symbol.dispose](): void {
    libc.regfree(this.#regex);
  }
}
