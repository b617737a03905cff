/**
 * TAI64N: an instant as 12 bytes, to the nanosecond.
 *
 * The first 8 bytes, big-endian, are 2^62 + the seconds of TAI since 1970; the last 4 are
 * nanoseconds. TAI runs ahead of UTC by 10 s and all leap seconds so far: 37 s since 2017.
 *
 * @module
 */

const EPOCH = 1n << 62n;
const TAI_MINUS_UTC = 37n;
const EPOCH_OF_TAI = EPOCH + TAI_MINUS_UTC;
const NANOSECONDS = 1_000_000_000n;
const LAST_FOUR_BYTES = 0xffff_ffffn;

/** How many bytes an instant has. */
export const TAI64N_BYTES = 12;

/** An instant: nanoseconds of UTC since 1970. */
export type Instant = bigint;

/** Writes an instant as TAI64N into 12 bytes of `view`, from `at` on. */
export function packTai64n(instant: Instant, view: DataView, at = 0): void {
  // Nanoseconds count from the second before, also before 1970.
  const nanoseconds = ((instant % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  const seconds = (instant - nanoseconds) / NANOSECONDS;
  view.setBigUint64(at, EPOCH + seconds + TAI_MINUS_UTC);
  view.setUint32(at + 8, Number(nanoseconds));
}

/**
 * Writes seconds and nanoseconds of UTC as TAI64N into 12 bytes of `view`, from `at` on: what
 * {@linkcode packTai64n} does, without arithmetic on big integers.
 */
export function packTime(seconds: number, nanoseconds: number, view: DataView, at: number): void {
  const tai = seconds + Number(TAI_MINUS_UTC);
  view.setUint32(at, 0x4000_0000 + Math.floor(tai / 2 ** 32));
  view.setUint32(at + 4, tai >>> 0);
  view.setUint32(at + 8, nanoseconds);
}

/** Reads an instant from 12 bytes of `view`, from `at` on. */
export function unpackTai64n(view: DataView, at = 0): Instant {
  const seconds = view.getBigUint64(at) - EPOCH_OF_TAI;
  // To make a big integer of a number takes longer than to cut it out of the last eight bytes.
  return seconds * NANOSECONDS + (view.getBigUint64(at + 4) & LAST_FOUR_BYTES);
}

/** An instant as `@` and 24 hexadecimal digits. */
export function formatTai64n(instant: Instant): string {
  const view = new DataView(new ArrayBuffer(TAI64N_BYTES));
  packTai64n(instant, view);
  const hex = (value: bigint | number, digits: number) => value.toString(16).padStart(digits, "0");
  return `@${hex(view.getBigUint64(0), 16)}${hex(view.getUint32(8), 8)}`;
}
