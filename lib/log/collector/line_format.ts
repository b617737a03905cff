import { encodeOs } from "../../os/os_string.ts";
import { formatTai64n, type Instant } from "../../tai/tai64n.ts";
import type { LogOrder } from "./log_order.ts";

/** How lines are written to a stream that services share: with the service's name, as JSON, or as they are. */
export type StreamFormat = "text" | "json" | "plain";

/** How lines are written: with time stamps into a log directory, or to a stream. */
export type LineFormat = LogOrder["stamps"] | StreamFormat;

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

/** Returns what stands before each line that was read at an instant; with JSON, what stands around it. */
function prefix({ format, service, instant }: LineStyle): string {
  if (format === "json") return jsonObject({ format, service, instant }, "");
  if (format === "plain") return "";
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

/** How many bytes are written at once. */
export interface LineLimit {
  /**
   * How many there is room for before the next file begins. The line with which they are reached is the
   * last one.
   */
  readonly room?: number;
  /** How many lines may have together; one that is longer is written by itself. */
  readonly atOnce?: number;
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
 * @param limit How many bytes are written.
 */
export function formatLines(
  bytes: Uint8Array,
  style: LineStyle,
  { room = Infinity, atOnce = Infinity }: LineLimit = {},
): FormattedLines {
  const before = encodeOs(prefix(style));
  const ends: number[] = [];
  let start = 0;
  let size = 0;
  while (start < bytes.length && size < room) {
    const newline = bytes.indexOf(NEWLINE, start);
    const isCut = newline < 0 || newline - start > LONGEST_LINE;
    // Part of a line is written by itself, so that all others end with a newline.
    if (isCut && start > 0) break;
    const end = isCut ? Math.min(bytes.length, LONGEST_LINE) : newline + 1;
    const longer = size + before.length + end - start + (isCut ? 1 : 0);
    if (longer > atOnce && start > 0) break;
    size = longer;
    start = end;
    ends.push(end);
    if (isCut) break;
  }
  const lines = bytes.subarray(0, start);
  return {
    length: start,
    bytes: style.format === "json"
      ? formatJson(lines, style)
      : joinLines(lines, ends, before, size),
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

function jsonObject({ instant, service }: LineStyle, line: string): string {
  const seconds = new Date(Number(instant / NANOSECONDS) * 1000).toISOString().slice(0, 19);
  const time = `${seconds}.${nanosecondsOf(instant)}Z`;
  return JSON.stringify({ time, service, stream: "stdout", line });
}

function formatJson(bytes: Uint8Array, style: LineStyle): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(bytes);
  const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
  const objects = lines.map((line) => jsonObject(style, line));
  return new TextEncoder().encode(objects.join("\n") + "\n");
}
