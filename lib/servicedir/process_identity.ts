/**
 * The identity of the process of a service, `run` or `finish`: process id, start and boot.
 *
 * The supervisor records it when it starts the program. A supervisor that comes after a killed one
 * takes a process over only if it is the recorded one: a process id alone may have gone to a stranger.
 *
 * @module
 */

import { close, Open, readFile, tryOpen, tryWrite } from "../os/file.ts";
import { cString, decodeOs, encodeOs } from "../os/os_string.ts";
import { bootId, isOwnChild, startOf } from "../os/process_start.ts";
import { SupervisePath } from "./protocol.ts";

const RECORD = cString(SupervisePath.process);

/** The longest record, in bytes; more than ever is written. */
const LONGEST = 128;

/** A process, told from every other one that has or had its process id. */
export interface ProcessIdentity {
  /** Its process id. */
  readonly pid: number;
  /** When it was started: clock ticks since the boot. */
  readonly ticks: string;
  /** The boot of the machine. */
  readonly boot: string;
}

/**
 * Records the identity of a program that this process has started. To be called while it runs, or has
 * died and is not reaped yet.
 *
 * @param directory The service directory, open.
 * @param pid The program's process id.
 * @returns Whether it is recorded. Where /proc is not mounted, or the record can't be written, the
 *   program can't be taken over by a later supervisor; a former record is never of this process.
 */
export function writeIdentity(directory: number, pid: number): boolean {
  const boot = bootId();
  const start = boot === undefined ? undefined : startOf(pid);
  // A child that has been reaped already may have left its process id to a stranger.
  if (start === undefined || !isOwnChild(start)) return false;
  const bytes = encodeOs(`${pid} ${start.ticks} ${boot}\n`);
  const flags = Open.WRITE | Open.CREATE | Open.NONBLOCK | Open.NOFOLLOW;
  const fd = tryOpen(directory, RECORD, flags, 0o644);
  if (fd < 0) return false;
  // In place, by one write: only the first line counts.
  const count = tryWrite(fd, bytes);
  close(fd);
  return count === bytes.length;
}

/** Returns the identity that was recorded last; undefined where there is none. */
export function readIdentity(directory: number): ProcessIdentity | undefined {
  let text: string;
  try {
    text = decodeOs(readFile(directory, RECORD, LONGEST));
  } catch {
    return undefined;
  }
  const [, pid, ticks, boot] = /^(\d+) (\d+) (\S+)\n/.exec(text) ?? [];
  return boot === undefined ? undefined : { pid: Number(pid), ticks: ticks!, boot };
}

/** Whether a process still runs: it itself, and not another one that has its process id by now. */
export function stillRuns({ pid, ticks, boot }: ProcessIdentity): boolean {
  if (boot !== bootId()) return false;
  const start = startOf(pid);
  return start !== undefined && !start.dead && start.ticks === ticks;
}
