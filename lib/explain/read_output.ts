/**
 * The last lines that a service has printed, where they can be found: in its log directory, or in the file
 * that its standard output is.
 *
 * @module
 */

import { directoriesOfScan, findLog } from "../log/reading/find_log.ts";
import { lastLines, type PrintedLine } from "../log/reading/last_lines.ts";
import { monotonicClock } from "../os/clock.ts";
import { CWD, Descriptor, Open, open, seek, tryRead } from "../os/file.ts";
import { fstat, tryStat } from "../os/file_status.ts";
import { decodeOs } from "../os/os_string.ts";
import { readLink } from "../os/path.ts";
import { parentOf } from "../os/process_family.ts";

/** How much of the end of a file is looked at. */
const TAIL_BYTES = 4096;
/** The longest line that is kept. */
const LONGEST_LINE = 500;

/** Returns where a descriptor of another process leads; undefined where it is no plain file. */
function targetOf(path: string): string | undefined {
  try {
    return tryStat(CWD, path)?.type === "file" ? readLink(CWD, path) ?? undefined : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns the file that a process prints to, by its descriptor. A file that its supervisor prints to as well
 * has the output of other services, too.
 */
function printsTo(pid: number): string | undefined {
  const supervisor = parentOf(pid);
  const shared = [1, 2].map((descriptor) => targetOf(`/proc/${supervisor}/fd/${descriptor}`));
  return [1, 2].map((descriptor) => `/proc/${pid}/fd/${descriptor}`).find((path) => {
    const target = targetOf(path);
    return target !== undefined && !shared.includes(target);
  });
}

/**
 * Returns the last lines of a file.
 *
 * @param path Its descriptor in /proc: no other file can be put in the place of that one.
 * @param most The most lines.
 */
function tail(path: string, most: number): string[] {
  using opened = new Descriptor(open(CWD, path, Open.READ | Open.NONBLOCK));
  const from = Math.max(fstat(opened.fd).size - TAIL_BYTES, 0);
  seek(opened.fd, from);
  const buffer = new Uint8Array(TAIL_BYTES);
  const count = tryRead(opened.fd, buffer);
  if (count <= 0) return [];
  const lines = decodeOs(buffer.subarray(0, count)).split("\n");
  // The first line may be cut.
  if (from > 0) lines.shift();
  if (lines.at(-1) === "") lines.pop();
  return lines.slice(-most).map((line) => line.slice(0, LONGEST_LINE));
}

/** For how long what was found of a scan is taken for true, in milliseconds. */
const VALID_FOR = 1000;
let found: { scandir: string; at: number; directories: ReadonlyMap<string, string> } | undefined;

/** Returns the log directories of a scan; for many services of one scan it looks once. */
function logsOfScan(scandir: string): ReadonlyMap<string, string> {
  const at = monotonicClock();
  if (found === undefined || found.scandir !== scandir || at - found.at > VALID_FOR) {
    found = { scandir, at, directories: directoriesOfScan(scandir) };
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
    const place = findLog(dir, () => logsOfScan(dir.slice(0, dir.lastIndexOf("/")) || "/"));
    if (place?.hasArchives) return lastLines(place, most);
    // By its descriptor: no other file can be put in the place of that one.
    const file = pid === undefined ? undefined : printsTo(pid);
    return file === undefined ? [] : tail(file, most).map((text) => ({ text, time: undefined }));
  } catch {
    return [];
  }
}
