import { libc } from "./libc.ts";
import { type Instant, packTime } from "../tai/tai64n.ts";

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;
const timespec = new Uint8Array(16);
const view = new DataView(timespec.buffer);

/** Returns the seconds since the clock's beginning. Numbers hold even milliseconds for 285,000 years. */
function seconds(): number {
  return view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
}

/** Returns the time of day, in nanoseconds. */
export function wallClock(): Instant {
  libc.clock_gettime(CLOCK_REALTIME, timespec);
  return view.getBigInt64(0, true) * 1_000_000_000n + view.getBigInt64(8, true);
}

/** The time of day as two numbers, which are cheaper than an {@linkcode Instant}. */
export interface WallTime {
  /** Seconds since 1970. */
  seconds: number;
  /** The rest. */
  nanoseconds: number;
}

/** Reads the time of day into `time`. */
export function readWallTime(time: WallTime): void {
  libc.clock_gettime(CLOCK_REALTIME, timespec);
  time.seconds = seconds();
  time.nanoseconds = view.getUint32(8, true);
}

/** Writes the time of day as TAI64N into 12 bytes of `target`, from `at` on. */
export function stampTime(target: DataView, at: number): void {
  libc.clock_gettime(CLOCK_REALTIME, timespec);
  packTime(seconds(), view.getUint32(8, true), target, at);
}

/** Returns the time in milliseconds by a clock that is never set: for time limits. */
export function monotonicClock(): number {
  libc.clock_gettime(CLOCK_MONOTONIC, timespec);
  return seconds() * 1000 + view.getUint32(8, true) / 1e6;
}

/** Returns the seconds since the boot, suspended ones included: the kernel stamps processes with it. */
export function bootClock(): number {
  libc.clock_gettime(CLOCK_BOOTTIME, timespec);
  return seconds() + view.getUint32(8, true) / 1e9;
}
