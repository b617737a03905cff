import { calendarTime } from "../../os/local_time.ts";
import { encodeOs } from "../../os/os_string.ts";
import { utcOfTai } from "../../tai/leap_seconds.ts";
import type { LineFilter, OutputBuffer } from "./filter_lines.ts";

const NEWLINE = 10;
const AT = 0x40;
/** `@` and 24 hexadecimal digits. */
const STAMP = 25;
/** `@` and the digits of the seconds. */
const SECONDS = 17;
/** TAI64 counts from 2^62; the first ten seconds of 1970 are before UTC's 1970. */
const FIRST = (1n << 62n) + 10n;
/** The first second that no C library can tell the year of. */
const LAST = (1n << 62n) + 67_768_036_191_676_800n;

/** The value of each byte as a hexadecimal digit; 255 where it is none. */
const DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? 255 : value;
});

const two = (value: number) => String(value).padStart(2, "0");

/** Returns a second of TAI64 by the calendar, with a dot behind; undefined where there is no such time. */
function secondInWords(label: bigint, utc: boolean): Uint8Array | undefined {
  if (label < FIRST || label >= LAST) return undefined;
  const tai = label - (1n << 62n);
  // Later than all leap seconds, seconds may need more digits than a number has.
  const early = tai < 2n ** 40n ? utcOfTai(Number(tai)) : { seconds: tai - 37n, leap: false };
  const time = calendarTime(early.seconds, utc);
  if (time === undefined) return undefined;
  const { year, month, day, hour, minute, second } = time;
  return encodeOs(
    `${String(year).padStart(4, "0")}-${two(month)}-${two(day)} ` +
      `${two(hour)}:${two(minute)}:${two(early.leap ? second + 1 : second)}.`,
  );
}

/** Replaces TAI64N stamps at the beginnings of lines by times that people read. */
export class LocalizeLines implements LineFilter {
  readonly #utc: boolean;
  /** The first bytes of the last stamp, and what they mean: neighbouring lines mostly have the same. */
  readonly #seconds = new Uint8Array(SECONDS);
  #words: Uint8Array | undefined;
  readonly #nanoseconds = new Uint8Array(9);

  /** @param utc Whether the times are of UTC, not of this machine's zone. */
  constructor(utc: boolean) {
    this.#utc = utc;
  }

  change(lines: Uint8Array, output: OutputBuffer): void {
    for (let at = 0; at < lines.length;) {
      const end = lines.indexOf(NEWLINE, at) + 1;
      this.changeLast(lines.subarray(at, end), output);
      at = end;
    }
  }

  /** Changes a line. One that is nothing but a stamp, without a newline, stays: as with s6-tai64nlocal. */
  changeLast(line: Uint8Array, output: OutputBuffer): void {
    const words = line.length > STAMP && line[0] === AT ? this.#wordsOf(line) : undefined;
    if (words === undefined || !this.#readNanoseconds(line)) {
      output.add(line);
      return;
    }
    output.add(words);
    output.add(this.#nanoseconds);
    output.add(line.subarray(STAMP));
  }

  #wordsOf(line: Uint8Array): Uint8Array | undefined {
    let at = 0;
    while (at < SECONDS && line[at] === this.#seconds[at]) at++;
    if (at === SECONDS) return this.#words;
    this.#seconds.set(line.subarray(0, SECONDS));
    let label = 0n;
    for (at = 1; at < SECONDS; at++) {
      const digit = DIGIT[line[at]!]!;
      if (digit > 15) return this.#words = undefined;
      label = label * 16n + BigInt(digit);
    }
    return this.#words = secondInWords(label, this.#utc);
  }

  /** Writes the nanoseconds of a stamp as digits: of those beyond a second, the first nine. */
  #readNanoseconds(line: Uint8Array): boolean {
    let value = 0;
    for (let at = SECONDS; at < STAMP; at++) {
      const digit = DIGIT[line[at]!]!;
      if (digit > 15) return false;
      value = value * 16 + digit;
    }
    if (value >= 1e9) value = Math.floor(value / 10);
    for (let at = 8; at >= 0; at--) {
      const rest = Math.floor(value / 10);
      this.#nanoseconds[at] = 48 + value - 10 * rest;
      value = rest;
    }
    return true;
  }
}
