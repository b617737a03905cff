import { wallClock } from "../../os/clock.ts";
import { formatTai64n } from "../../tai/tai64n.ts";
import { encodeOs } from "../../os/os_string.ts";
import type { LineFilter, OutputBuffer } from "./filter_lines.ts";

const NEWLINE = 10;

/** Returns a TAI64N stamp of now, and a space. */
function stampNow(): Uint8Array {
  return encodeOs(`${formatTai64n(wallClock())} `);
}

/** Adds lines, each after a stamp. */
function addStamped(lines: Uint8Array, stamp: Uint8Array, output: OutputBuffer): void {
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf(NEWLINE, at) + 1;
    output.add(stamp);
    output.add(lines.subarray(at, end));
    at = end;
  }
}

/** Puts the time at which lines came before each of them. Lines that came in one read have one time. */
export const stampLines: LineFilter = {
  change(lines, output) {
    addStamped(lines, stampNow(), output);
  },

  changeLast(line, output) {
    output.add(stampNow());
    output.add(line);
    output.add(new Uint8Array([NEWLINE]));
  },
};
