/**
 * The stamps that loggers put before lines: what they mean, and where they end.
 *
 * @module
 */

import { utcOfTai } from "../../tai/leap_seconds.ts";
import type { Instant } from "../../tai/tai64n.ts";

const AT = 0x40;
const DASH = 0x2d;
const SPACE = 0x20;
/** `@` and 24 hexadecimal digits. */
const TAI64N = 25;
/** TAI64 counts from 2^62: this is the upper half of it. */
const HIGH = 0x4000_0000;
/** The upper half of the seconds, above which no date has a meaning here: the year 139,000 or so. */
const MOST_HIGH = 1 << 10;
/** `2026-11-21 21:10`, the part that neighbouring lines have in common. */
const MINUTE = 16;
/** The shortest date: svlogd's. */
const SHORTEST_DATE = 26;

/** The value of each byte as a hexadecimal digit; 255 where it is none. */
const DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(value) ? 255 : value;
});

/** A stamp before a line. */
export interface Stamp {
  readonly time: Instant;
  /** Where the line itself begins. */
  readonly end: number;
}

/** A time as a clock shows it. */
export interface ClockTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Reads the instant of a name or of a stamp, TAI64N; undefined where there is none at this place. */
export function readTai64n(bytes: Uint8Array, at = 0): Instant | undefined {
  if (bytes[at] !== AT || bytes.length < at + TAI64N) return undefined;
  const high = number(bytes, at + 1) - HIGH;
  const low = number(bytes, at + 9);
  const nanoseconds = number(bytes, at + 17);
  if (!(high >= 0 && high < MOST_HIGH && low >= 0 && nanoseconds >= 0)) return undefined;
  const { seconds } = utcOfTai(high * 2 ** 32 + low);
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
}

/** Reads 8 hexadecimal digits; NaN where one is none. */
function number(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const digit = DIGIT[bytes[at + index]!]!;
    if (digit > 15) return NaN;
    value = value * 16 + digit;
  }
  return value;
}

/** s6-log's local time: nine digits and two spaces; svlogd's UTC: five digits and one. */
const DATE = /^(\d{4})-(\d\d)-(\d\d)([ _T])(\d\d):(\d\d):(\d\d)\.(?:(\d{9}) {2}|(\d{5}) )/;

/** Reads stamps: TAI64N, local times as s6-log writes them for `T`, and UTC as svlogd does for `-tt`. */
export class StampReader {
  readonly #secondsOf: (local: ClockTime) => number;
  /** The last minute of local time, and when it began. */
  #minute = "";
  #began = 0;

  /** @param secondsOf Returns the seconds of UTC since 1970 at which a clock of this machine shows a time. */
  constructor(secondsOf: (local: ClockTime) => number) {
    this.#secondsOf = secondsOf;
  }

  /** Returns the stamp that a line begins with; undefined where it has none. */
  read(line: Uint8Array): Stamp | undefined {
    const time = readTai64n(line);
    if (time === undefined) return this.#readDate(line, 0);
    const end = line[TAI64N] === SPACE ? TAI64N + 1 : TAI64N;
    // A logger may be told to write both.
    return { time, end: this.#readDate(line, end)?.end ?? end };
  }

  #readDate(line: Uint8Array, at: number): Stamp | undefined {
    if (line.length < at + SHORTEST_DATE || line[at + 4] !== DASH) return undefined;
    const text = String.fromCharCode(...line.subarray(at, at + 31));
    const found = DATE.exec(text);
    if (found === null) return undefined;
    const [whole, year, month, day, separator, hour, minute, second, nine, five] = found;
    if ((separator === " ") !== (nine !== undefined)) return undefined;
    const fraction = BigInt(nine ?? `${five}0000`);
    const fields = [year, month, day, hour, minute].map(Number) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const began = separator === " "
      ? this.#localMinute(text.slice(0, MINUTE), fields)
      : Date.UTC(fields[0], fields[1] - 1, fields[2], fields[3], fields[4]) / 1000;
    return {
      time: BigInt(began + Number(second)) * 1_000_000_000n + fraction,
      end: at + whole.length,
    };
  }

  #localMinute(
    text: string,
    [year, month, day, hour, minute]: [number, number, number, number, number],
  ): number {
    if (text !== this.#minute) {
      this.#minute = text;
      this.#began = this.#secondsOf({ year, month, day, hour, minute, second: 0 });
    }
    return this.#began;
  }
}
