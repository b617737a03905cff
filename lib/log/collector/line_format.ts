import { encodeOs } from "../../os/os_string.ts";
import { formatTai64n, type Instant } from "../../tai/tai64n.ts";
import type { LogOrder } from "./log_order.ts";

/**
 * How lines are written: with time stamps into a log directory, or with the service's name (`text`) or
 * as JSON to a stream that services share.
 */
export type LineFormat = LogOrder["stamps"] | "text" | "json";

/** All formats. */
export const LINE_FORMATS: readonly LineFormat[] = ["t", "T", "tT", "text", "json"];

const NEWLINE = 10;
const NANOSECONDS = 1_000_000_000n;

const two = (value: number) => String(value).padStart(2, "0");

/** Returns the date and the time in the local zone, to the nanosecond, as s6-log writes it. */
function localTime(instant: Instant): string {
  const date = new Date(Number(instant / 1_000_000n));
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time}.${nanosecondsOf(instant)}`;
}

function nanosecondsOf(instant: Instant): string {
  return String(instant % NANOSECONDS).padStart(9, "0");
}

/** Returns what stands before each line that was read at an instant. */
function prefix(format: Exclude<LineFormat, "json">, service: string, instant: Instant): string {
  if (format === "text") return `${service} | `;
  return (format.includes("t") ? `${formatTai64n(instant)} ` : "") +
    (format.includes("T") ? `${localTime(instant)}  ` : "");
}

/** The longest line, in bytes: longer ones are cut, as s6-log's `-l` does. */
export const LONGEST_LINE = 65_536;

/** How lines of a service are written that were read at one instant. */
export interface LineStyle {
  /** How they are written. */
  readonly format: LineFormat;
  /** The name of the service. */
  readonly service: string;
  /** When they were read. */
  readonly instant: Instant;
}

/** Lines that are written at once. */
export interface FormattedLines {
  /** How many bytes of what was read they are. */
  readonly length: number;
  /** What is written. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Whether bytes that were read hold a line: a whole one, one that is too long, or the last one. */
export function holdsLine(bytes: Uint8Array, last: boolean): boolean {
  return bytes.length >= LONGEST_LINE || bytes.includes(NEWLINE) || (last && bytes.length > 0);
}

/**
 * Returns the lines that are written next, as they are written. The same arguments give the same bytes:
 * what a killed process has written of them can be told from its file.
 *
 * @param bytes What was read; it {@linkcode holdsLine}. The last line gets a newline where it has none.
 * @param style How lines are written.
 * @param room How many bytes may be written before the next file begins. The line with which they are
 *   reached is the last one.
 */
export function formatLines(
  bytes: Uint8Array,
  style: LineStyle,
  room = Infinity,
): FormattedLines {
  const { format, instant, service } = style;
  const before = format === "json" ? new Uint8Array() : encodeOs(prefix(format, service, instant));
  const ends: number[] = [];
  let start = 0;
  let size = 0;
  while (start < bytes.length && size < room) {
    const newline = bytes.indexOf(NEWLINE, start);
    const isCut = newline < 0 || newline - start > LONGEST_LINE;
    // Part of a line is written by itself, so that all others end with a newline.
    if (isCut && start > 0) break;
    start = isCut ? Math.min(bytes.length, LONGEST_LINE) : newline + 1;
    size += before.length + start - (ends.at(-1) ?? 0) + (isCut ? 1 : 0);
    ends.push(start);
    if (isCut) break;
  }
  const lines = bytes.subarray(0, start);
  return {
    length: start,
    bytes: format === "json" ? formatJson(lines, style) : joinLines(lines, ends, before, size),
  };
}

/** Returns lines with the same bytes before each. */
function joinLines(
  bytes: Uint8Array,
  ends: readonly number[],
  before: Uint8Array,
  size: number,
): Uint8Array<ArrayBuffer> {
  // What is not overwritten is the newline of the last line.
  const joined = new Uint8Array(size);
  joined[size - 1] = NEWLINE;
  let from = 0;
  let to = 0;
  for (const end of ends) {
    joined.set(before, to);
    to += before.length;
    joined.set(bytes.subarray(from, end), to);
    to += end - from;
    from = end;
  }
  return joined;
}

function formatJson(bytes: Uint8Array, { instant, service }: LineStyle): Uint8Array<ArrayBuffer> {
  const seconds = new Date(Number(instant / NANOSECONDS) * 1000).toISOString().slice(0, 19);
  const time = `${seconds}.${nanosecondsOf(instant)}Z`;
  const text = new TextDecoder().decode(bytes);
  const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
  const objects = lines.map((line) => JSON.stringify({ time, service, stream: "stdout", line }));
  return new TextEncoder().encode(objects.join("\n") + "\n");
}
