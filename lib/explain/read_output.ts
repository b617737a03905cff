/**
 * The last lines that a service has printed, where they can be found: in the file that its standard output
 * is, or in the one that its logger writes to. Loggers of the daemontools family (s6-log, svlogd, multilog)
 * keep that file open, under the name `current`.
 *
 * @module
 */

import { CWD, Descriptor, Open, open, seek, tryOpen, tryRead } from "../os/file.ts";
import { fstat, tryStat } from "../os/file_status.ts";
import { readNames } from "../os/directory.ts";
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

/** Returns the file that a logger writes to, by its descriptor. */
function currentOf(logger: number): string | undefined {
  const listing = `/proc/${logger}/fd`;
  const fd = tryOpen(CWD, listing, Open.READ | Open.DIRECTORY);
  if (fd < 0) return undefined;
  using directory = new Descriptor(fd);
  return readNames(directory.fd, listing).map((name) => `${listing}/${name}`)
    .find((path) => targetOf(path)?.endsWith("/current"));
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

/**
 * Returns the last lines that a service has printed, the oldest first; empty where they can't be found.
 *
 * @param pid The process of the service; undefined where it is down.
 * @param logger The process of its logger; undefined where it has none.
 * @param most The most lines.
 */
export function readOutput(
  pid: number | undefined,
  logger: number | undefined,
  most: number,
): string[] {
  try {
    const file = (logger === undefined ? undefined : currentOf(logger)) ??
      (pid === undefined ? undefined : printsTo(pid));
    return file === undefined ? [] : tail(file, most);
  } catch {
    return [];
  }
}
