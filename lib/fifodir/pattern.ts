import { libc } from "../os/libc.ts";
import { cString, decodeOs } from "../os/os_string.ts";

const REG_EXTENDED = 1;

/** At least as large as `regex_t` of any C library. */
const REGEX_BYTES = 256;

/** An extended regular expression of POSIX over events, each of which is a byte. */
export class Pattern implements Disposable {
  readonly #regex = new Uint8Array(REGEX_BYTES);

  /**
   * @param source The expression.
   * @throws {TypeError} when it is none.
   */
  constructor(source: string) {
    const error = libc.regcomp(this.#regex, cString(source), REG_EXTENDED);
    if (error === 0) return;
    const text = new Uint8Array(256);
    const length = Number(libc.regerror(error, this.#regex, text, BigInt(text.length)));
    throw new TypeError(
      `Cannot use '${source}' as an extended regular expression: ${
        decodeOs(text.subarray(0, Math.min(length, text.length) - 1))
      }`,
    );
  }

  /** Whether it matches somewhere in these events (up to the first that is 0). */
  matches(events: Uint8Array): boolean {
    const subject = new Uint8Array(events.length + 1);
    subject.set(events);
    return libc.regexec(this.#regex, subject, 0n, null, 0) === 0;
  }

  [Symbol.dispose](): void {
    libc.regfree(this.#regex);
  }
}
