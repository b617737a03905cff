/**
 * The lines of one file, forwards and backwards, a block at a time.
 *
 * @module
 */

import type { Instant } from "../../tai/tai64n.ts";
import type { LogContent } from "./log_content.ts";
import type { LogLine } from "./log_line.ts";
import type { StampReader } from "./stamps.ts";

const NEWLINE = 10;
const BLOCK = 65_536;
/** The first block from the end: enough for the last lines of most files. */
const LAST_BLOCK = 8192;
/** Above this many bytes without a stamp, lines do not wait any longer for one that is before them. */
const MOST_WITHOUT_STAMP = 1 << 20;

/** How the lines of a file are read. */
export interface LineReading {
  readonly stamps: StampReader;
  /** What is known of the time of lines that have none. */
  readonly fallback: Instant;
}

function joined(first: Uint8Array | undefined, second: Uint8Array): Uint8Array {
  if (first === undefined || first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Calls back with each line, without its newline; the last may have none. */
function eachLine(bytes: Uint8Array, call: (line: Uint8Array) => void): void {
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    call(bytes.subarray(at, end));
    at = end + 1;
  }
}

/** Makes lines of bytes, in their order. A line without a stamp has the time of the one before it. */
export class LineMaker {
  readonly #stamps: StampReader;
  readonly #fallback: Instant;
  /** The time of the last line. */
  time: Instant | undefined;

  /** @param reading How the lines are read. */
  constructor({ stamps, fallback }: LineReading) {
    this.#stamps = stamps;
    this.#fallback = fallback;
  }

  /** Returns the lines of some bytes, which begin with a line. */
  lines(bytes: Uint8Array): LogLine[] {
    const lines: LogLine[] = [];
    eachLine(bytes, (line) => {
      const stamp = this.#stamps.read(line);
      if (stamp !== undefined) this.time = stamp.time;
      const { time } = this;
      lines.push({ time, order: time ?? this.#fallback, bytes: line, start: stamp?.end ?? 0 });
    });
    return lines;
  }
}

/** Reads the lines from a place of a file, at which one begins, to another. */
export function* linesForward(
  content: LogContent,
  from: number,
  to: number,
  reading: LineReading,
): Generator<LogLine[]> {
  const maker = new LineMaker(reading);
  let begun: Uint8Array | undefined;
  for (let at = from; at < to;) {
    const read = content.read(at, Math.min(at + BLOCK, to));
    if (read.length === 0) break;
    at += read.length;
    const bytes = joined(begun, read);
    const end = at >= to ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    begun = bytes.subarray(end);
    if (end > 0) yield maker.lines(bytes.subarray(0, end));
  }
  if (begun !== undefined && begun.length > 0) yield maker.lines(begun);
}

/** Reads the lines before a place of a file, the last one first. */
export function* linesBackward(
  content: LogContent,
  to: number,
  { stamps, fallback }: LineReading,
): Generator<LogLine[]> {
  /** The end of a line of which the beginning is before this. */
  let rest: Uint8Array | undefined;
  /** Lines without a stamp, the last one first: they have the time of the stamp before them. */
  let waiting: LogLine[] = [];
  let waitingBytes = 0;
  let block = LAST_BLOCK;
  for (let end = to; end > 0;) {
    const from = Math.max(end - block, 0);
    block = Math.min(2 * block, BLOCK);
    const read = content.read(from, end);
    if (read.length === 0) break;
    end = from;
    const bytes = rest === undefined ? read : joined(read, rest);
    const first = from === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    if (from > 0 && (first === 0 || first === bytes.length)) {
      rest = bytes;
      continue;
    }
    rest = bytes.subarray(0, first);
    const maker = new LineMaker({ stamps, fallback });
    const lines = maker.lines(bytes.subarray(first));
    const { time } = maker;
    if (time !== undefined || waitingBytes > MOST_WITHOUT_STAMP) {
      yield waiting.map((line) => ({ ...line, time, order: time ?? fallback }));
      waiting = [];
      waitingBytes = 0;
    }
    const stamped = lines.findIndex((line) => line.time !== undefined);
    if (stamped >= 0) yield lines.slice(stamped).reverse();
    const early = stamped < 0 ? lines : lines.slice(0, stamped);
    if (waitingBytes > MOST_WITHOUT_STAMP) yield early.reverse();
    else {
      waiting.push(...early.reverse());
      waitingBytes += bytes.length;
    }
  }
  yield waiting;
}
