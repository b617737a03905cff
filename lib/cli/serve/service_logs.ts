import { findLog } from "../../log/reading/find_log.ts";
import { textOf } from "../../log/reading/log_line.ts";
import { lastLines } from "../../log/reading/merge.ts";
import { openLog } from "../../log/reading/open_log.ts";
import { readBackward } from "../../log/reading/read_log.ts";
import { StampReader } from "../../log/reading/stamps.ts";
import { secondsOfLocalTime } from "../../os/local_time.ts";
import { decodeOs } from "../../os/os_string.ts";
import { isoTime } from "../logs/show_time.ts";

/** The most lines that are answered. */
export const MOST_LINES = 5000;

/** The bytes of a line that are answered. */
const LONGEST_LINE = 8192;

/** A line of a service's log, for JSON. */
export interface ServiceLogLine {
  /** When it was written; null where no stamp tells. */
  readonly time: string | null;
  readonly line: string;
}

/** What is found of a service's log. */
export interface ServiceLog {
  readonly lines: readonly ServiceLogLine[];
  /** What could not be read. */
  readonly warnings: readonly string[];
}

/**
 * Reads the last lines of a service's log.
 *
 * @param dir The service directory.
 * @param most How many lines.
 * @returns undefined where the log can't be found.
 * @throws {SystemError} when it can't be read.
 */
export async function readServiceLog(dir: string, most: number): Promise<ServiceLog | undefined> {
  const place = findLog(dir);
  if (place === undefined) return undefined;
  const warnings: string[] = [];
  using open = openLog(place);
  const range = {
    stamps: new StampReader(secondsOfLocalTime),
    warn: (problem: string) => void warnings.push(problem),
  };
  const found = await lastLines([{ log: undefined, lines: readBackward(open, range) }], most);
  const lines = found.map(({ line }) => ({
    time: line.time === undefined ? null : isoTime(line.time),
    line: decodeOs(textOf(line).subarray(0, LONGEST_LINE)).toWellFormed(),
  }));
  return { lines, warnings };
}
