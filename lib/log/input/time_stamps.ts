import { readWallTime, type WallTime } from "../../os/clock.ts";
import { calendarTime } from "../../os/local_time.ts";
import { packTime, TAI64N_BYTES } from "../../tai/tai64n.ts";

const HEX = new TextEncoder().encode("0123456789abcdef");
const ZERO = 48;
const NANOSECONDS_DIGITS = 8;
const LAST_NANOSECOND = 999_999_999;
const TAI64N_TEXT = 26;
const ISO_TEXT = 31;
const ISO_SECONDS = 20;

/**
 * The stamps of lines, as text.
 *
 * The clock is read once for all lines that were read together. Each line but the first is a nanosecond
 * later than the one before it, so that stamps tell the order, also when lines of several logs are sorted.
 */
export class TimeStamps {
  /** `@`, 24 hexadecimal digits and a space. */
  readonly tai64n: Uint8Array<ArrayBuffer> = new Uint8Array(TAI64N_TEXT);
  /** The local time as `2026-01-31 23:59:59.123456789` and two spaces. */
  readonly iso: Uint8Array<ArrayBuffer> = new Uint8Array(ISO_TEXT);
  readonly #read: (time: WallTime) => void;
  readonly #time: WallTime = { seconds: -1, nanoseconds: 0 };
  readonly #packed = new DataView(new ArrayBuffer(TAI64N_BYTES));
  #iso = false;

  /**
   * @param iso Whether {@linkcode iso} is needed.
   * @param read Reads the clock.
   */
  constructor(iso: boolean, read: (time: WallTime) => void = readWallTime) {
    this.#iso = iso;
    this.#read = read;
    this.tai64n[0] = 64;
    this.tai64n[TAI64N_TEXT - 1] = 32;
  }

  /** Reads the clock: for the first of several lines. */
  now(): void {
    const { seconds, nanoseconds } = this.#time;
    this.#read(this.#time);
    if (this.#time.seconds !== seconds) this.#writeSeconds();
    // A clock that tells no nanoseconds may stand where the last lines were.
    else if (this.#time.nanoseconds <= nanoseconds && nanoseconds - this.#time.nanoseconds < 1e6) {
      this.#time.nanoseconds = Math.min(nanoseconds + 1, LAST_NANOSECOND);
    }
    this.#writeNanoseconds();
  }

  /** Goes on to the next line. */
  next(): void {
    if (this.#time.nanoseconds < LAST_NANOSECOND) this.#time.nanoseconds++;
    this.#writeNanoseconds();
  }

  #writeSeconds(): void {
    packTime(this.#time.seconds, 0, this.#packed, 0);
    for (let at = 0; at < 8; at++) {
      const byte = this.#packed.getUint8(at);
      this.tai64n[1 + 2 * at] = HEX[byte >> 4]!;
      this.tai64n[2 + 2 * at] = HEX[byte & 15]!;
    }
    if (!this.#iso) return;
    const { year, month, day, hour, minute, second } = calendarTime(this.#time.seconds)!;
    const two = (value: number) => String(value).padStart(2, "0");
    const text = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)} ` +
      `${two(hour)}:${two(minute)}:${two(second)}.`;
    for (let at = 0; at < ISO_SECONDS; at++) this.iso[at] = text.charCodeAt(at);
    this.iso.fill(32, ISO_TEXT - 2);
  }

  #writeNanoseconds(): void {
    let rest = this.#time.nanoseconds;
    for (let at = 0; at < NANOSECONDS_DIGITS; at++) {
      this.tai64n[TAI64N_TEXT - 2 - at] = HEX[rest & 15]!;
      rest >>>= 4;
    }
    if (!this.#iso) return;
    let decimal = this.#time.nanoseconds;
    for (let at = ISO_TEXT - 3; at >= ISO_SECONDS; at--) {
      this.iso[at] = ZERO + decimal % 10;
      decimal = Math.floor(decimal / 10);
    }
  }
}
