import type { Instant } from "../../tai/tai64n.ts";

/** A line of a log. */
export interface LogLine {
  /** When it was written; undefined where neither it nor an earlier line of its file has a stamp. */
  readonly time: Instant | undefined;
  /** Its place among the lines of other logs: its time, or what is known about that of its file. */
  readonly order: Instant;
  /** All of it, without the newline. */
  readonly bytes: Uint8Array;
  /** Where it begins behind its stamp. */
  readonly start: number;
}

/** Returns a line without its stamp. */
export function textOf({ bytes, start }: LogLine): Uint8Array {
  return start === 0 ? bytes : bytes.subarray(start);
}
