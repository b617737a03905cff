/**
 * The last lines that a service has printed, where they can be found: in its log directory, or in the file
 * that its standard output is.
 *
 * @module
 */

import { directoriesByName, findLog, printsTo } from "../log/reading/find_log.ts";
import { lastLines, type PrintedLine } from "../log/reading/last_lines.ts";
import { logFileAt } from "../log/reading/open_log.ts";
import { monotonicClock } from "../os/clock.ts";

/** For how long what was found of a log process is taken for true, in milliseconds. */
const VALID_FOR = 1000;
let found: { pid: number; at: number; directories: ReadonlyMap<string, string> } | undefined;

/** Returns the log directories of a log process; for many services of one it looks once. */
function writtenBy(pid: number): ReadonlyMap<string, string> {
  const at = monotonicClock();
  if (found === undefined || found.pid !== pid || at - found.at > VALID_FOR) {
    found = { pid, at, directories: directoriesByName(pid) };
  }
  return found.directories;
}

/**
 * Returns the last lines that a service has printed, the oldest first; empty where they can't be found.
 *
 * @param dir Its service directory.
 * @param pid Its process; undefined where it is down.
 * @param most The most lines.
 */
export function readOutput(dir: string, pid: number | undefined, most: number): PrintedLine[] {
  try {
    const place = findLog(dir, writtenBy);
    if (place?.hasArchives) return lastLines(place, most);
    // By its descriptor: no other file can be put in the place of that one.
    const file = pid === undefined ? undefined : printsTo(pid);
    return file === undefined ? [] : lastLines(logFileAt(file.descriptor), most);
  } catch {
    return [];
  }
}
