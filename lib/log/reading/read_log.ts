/**
 * All lines of one log: of its archives, and of its current file.
 *
 * @module
 */

import { Errno, isErrno } from "../../os/system_error.ts";
import type { Instant } from "../../tai/tai64n.ts";
import { placeBefore, placeBehind } from "./find_time.ts";
import { type LogContent, PlainContent, unpack, UnreadableError } from "./log_content.ts";
import type { LogLine } from "./log_line.ts";
import type { OpenLog } from "./open_log.ts";
import { linesBackward, linesForward } from "./read_lines.ts";
import type { StampReader } from "./stamps.ts";

/** Which lines are read, and how. */
export interface LogRange {
  /** The time of the first ones. */
  readonly since?: Instant;
  /** The time of the last ones. */
  readonly until?: Instant;
  readonly stamps: StampReader;
  /** Learns of files that can't be read. */
  readonly warn: (problem: string) => void;
  /** Where the current file ends; where its last line ends, if it is followed from there on. */
  readonly currentEnd?: number;
}

/** A file of a log. */
interface Part {
  /** The time after which its lines were written; undefined where that is not known. */
  readonly after: Instant | undefined;
  /** The time until which its lines were written. */
  readonly until: Instant | undefined;
  /** Opens it; undefined where it has been removed meanwhile. */
  open(): Promise<LogContent | undefined>;
  /** Where it ends; undefined: at its end. */
  readonly end?: number;
}

async function openArchive(path: string, warn: LogRange["warn"]): Promise<LogContent | undefined> {
  try {
    return await unpack(PlainContent.open(path), path);
  } catch (error) {
    if (error instanceof UnreadableError) warn(error.message);
    else if (!isErrno(error, Errno.ENOENT)) throw error;
    return undefined;
  }
}

/** A content that its owner closes. */
function borrowed(content: PlainContent): LogContent {
  return {
    size: content.size,
    modified: content.modified,
    read: (from, to) => content.read(from, to),
    [Symbol.dispose]() {},
  };
}

/** Returns the files of a log that may have lines of a range, the oldest first. */
function partsOf(log: OpenLog, { since, until, warn, currentEnd }: LogRange): Part[] {
  const { archives, current, place, previous } = log;
  const parts: Part[] = archives.map(({ name, until }, index) => ({
    after: archives[index - 1]?.until,
    until,
    open: () => openArchive(`${place.directory}/${name}`, warn),
  }));
  const after = archives.at(-1)?.until;
  for (const [content, end] of [[previous], [current, currentEnd]] as const) {
    if (content === undefined) continue;
    parts.push({
      after,
      until: undefined,
      open: () => Promise.resolve(borrowed(content)),
      ...end === undefined ? {} : { end },
    });
  }
  return parts.filter((part) =>
    !(since !== undefined && part.until !== undefined && part.until < since) &&
    !(until !== undefined && part.after !== undefined && part.after > until)
  );
}

function inRange(lines: LogLine[], { since, until }: LogRange): LogLine[] {
  return lines.filter(({ time, order }) =>
    (since === undefined || (time ?? order) >= since) &&
    (until === undefined || (time ?? order) <= until)
  );
}

/** Reads the lines of a log, the oldest first. */
export async function* readForward(log: OpenLog, range: LogRange): AsyncGenerator<LogLine[]> {
  const { since, stamps, until } = range;
  for (const part of partsOf(log, range)) {
    using content = await part.open();
    if (content === undefined) continue;
    const from = since === undefined ? 0 : placeBefore(content, since, stamps);
    const end = part.end ?? content.size;
    const to = until === undefined ? end : Math.min(placeBehind(content, until, stamps), end);
    const reading = { stamps, fallback: part.until ?? content.modified };
    for (const lines of linesForward(content, from, to, reading)) {
      const wanted = inRange(lines, range);
      if (wanted.length > 0) yield wanted;
    }
  }
}

/** Reads the lines of a log, the youngest first. */
export async function* readBackward(log: OpenLog, range: LogRange): AsyncGenerator<LogLine[]> {
  const { since, stamps, until } = range;
  for (const part of partsOf(log, range).reverse()) {
    using content = await part.open();
    if (content === undefined) continue;
    const end = part.end ?? content.size;
    const to = until === undefined ? end : Math.min(placeBehind(content, until, stamps), end);
    const reading = { stamps, fallback: part.until ?? content.modified };
    for (const lines of linesBackward(content, to, reading)) {
      const wanted = inRange(lines, range);
      if (wanted.length > 0) yield wanted;
      // Within a file, lines are in the order of their times.
      const isBefore = ({ time }: LogLine) => time !== undefined && time < since!;
      if (since !== undefined && lines.length > 0 && lines.every(isBefore)) break;
    }
  }
}
