import { libc } from "./libc.ts";
import type { Instant } from "../tai/tai64n.ts";

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const timespec = new Uint8Array(16);
const view = new DataView(timespec.buffer);

function read(clock: number): bigint {
  libc.clock_gettime(clock, timespec);
  return view.getBigInt64(0, true) * 1_000_000_000n + view.getBigInt64(8, true);
}

/** The time of day, in nanoseconds. */
export function wallClock(): Instant {
  return read(CLOCK_REALTIME);
}

/** A clock that nobody sets, in milliseconds: for time limits. */
export function monotonicClock(): number {
  return Number(read(CLOCK_MONOTONIC)) / 1e6;
}
