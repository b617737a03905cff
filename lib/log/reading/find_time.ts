import type { Instant } from "../../tai/tai64n.ts";
import type { LogContent } from "./log_content.ts";
import type { StampReader } from "./stamps.ts";

const NEWLINE = 10;
/** A part of a file that is read line by line is no larger than this. */
const SMALL = 65_536;

/** For no more than this it is read on for a stamp. */
const FAR = 1 << 20;

/** Returns the first line with a stamp that begins behind a place: where it begins, and its time. */
function nextStamp(content: LogContent, from: number, to: number, stamps: StampReader) {
  for (let at = from; at < Math.min(from + FAR, to);) {
    const bytes = content.read(at, Math.min(at + SMALL, to));
    let last = 0;
    for (let newline = bytes.indexOf(NEWLINE); newline >= 0;) {
      last = newline;
      const start = newline + 1;
      newline = bytes.indexOf(NEWLINE, start);
      const stamp = stamps.read(bytes.subarray(start, newline < 0 ? bytes.length : newline));
      if (stamp !== undefined) return { at: at + start, time: stamp.time };
    }
    // The stamp of the last line may be cut.
    at += last > 0 ? last : bytes.length || SMALL;
  }
  return undefined;
}

/**
 * Returns a place at which a line begins, and before which all lines are older than an instant: not the
 * last such place, but one near it. Reads some parts of the file, not all of it.
 */
export function placeBefore(content: LogContent, instant: Instant, stamps: StampReader): number {
  let low = 0;
  let high = content.size;
  while (high - low > SMALL) {
    const middle = Math.floor((low + high) / 2);
    const found = nextStamp(content, middle, high, stamps);
    if (found === undefined || found.time >= instant) high = middle;
    else low = found.at;
  }
  return low;
}

/** Returns a place behind which all lines are younger than an instant, in the same way. */
export function placeBehind(content: LogContent, instant: Instant, stamps: StampReader): number {
  let low = 0;
  let high = content.size;
  while (high - low > SMALL) {
    const middle = Math.floor((low + high) / 2);
    const found = nextStamp(content, middle, high, stamps);
    if (found === undefined) break;
    if (found.time <= instant) low = found.at;
    else high = found.at;
  }
  return high;
}
