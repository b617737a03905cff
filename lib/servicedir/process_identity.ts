/**
 * The identity of the process of a service, `run` or `finish`: process id, start and boot.
 *
 * The supervisor records it when it has started the program. A supervisor that comes after a killed one
 * takes a process over only if it is the recorded one: a process id alone may have gone to a stranger.
 * Before the start it records that it is about to start a program: one that was killed between the two
 * records may have left a process.
 *
 * @module
 */

import { close, Open, readFile, tryOpen, tryWrite } from "../os/file.ts";
import { cString, decodeOs, encodeOs } from "../os/os_string.ts";
import { bootId, isOwnChild, startOf, ticksNow } from "../os/process_start.ts";
import { SupervisePath } from "./protocol.ts";

const RECORD = cString(SupervisePath.process);

/** The longest record, in bytes; more than ever is written. */
const LONGEST = 128;

/** A process; start and boot tell it from any other with the same process id. */
export interface ProcessIdentity {
  /** Its process id. */
  readonly pid: number;
  /** When it was started: clock ticks since the boot. */
  readonly ticks: string;
  /** The boot of the machine. */
  readonly boot: string;
  /** Which program of the service it is; unknown where an older version has recorded it. */
  readonly program?: Program;
}

/** A program of a service. */
export type Program = "run" | "finish";

/** A start that was about to be made. */
export interface Intent {
  /** When it was recorded: clock ticks since the boot. */
  readonly ticks: number;
  /** The program that was to be started. */
  readonly program: Program;
}

/** What stands in the place of the process id in the record of a start that is about to be made. */
const STARTING = "starting";

/** Writes the record in place, by one write: only the first line counts. */
function write(directory: number, line: string): boolean {
  const flags = Open.WRITE | Open.CREATE | Open.NONBLOCK | Open.NOFOLLOW;
  const fd = tryOpen(directory, RECORD, flags, 0o644);
  if (fd < 0) return false;
  const bytes = encodeOs(line);
  const count = tryWrite(fd, bytes);
  close(fd);
  return count === bytes.length;
}

/** Records that a program is about to be started. */
export function writeIntent(directory: number, program: Program): void {
  const boot = bootId();
  if (boot !== undefined) write(directory, `${STARTING} ${ticksNow()} ${boot} ${program}\n`);
}

/**
 * Records the identity of a program that this process has started. Call it while the program runs, or
 * has died and is not reaped yet.
 *
 * @param directory The service directory, open.
 * @param pid The program's process id.
 * @param program Which program it is.
 * @returns Whether it is recorded. Where /proc is not mounted, or the record can't be written, the
 *   program can't be taken over by a later supervisor; a former record is never of this process.
 */
export function writeIdentity(directory: number, pid: number, program: Program): boolean {
  const boot = bootId();
  const start = boot === undefined ? undefined : startOf(pid);
  // A child that has been reaped already may have left its process id to a stranger.
  if (start === undefined || !isOwnChild(start)) return false;
  return write(directory, `${pid} ${start.ticks} ${boot} ${program}\n`);
}

/** Returns the fields of the record; empty where there is none. */
function readRecord(directory: number): string[] {
  try {
    const text = decodeOs(readFile(directory, RECORD, LONGEST));
    return /^(starting|\d+) (\d+) (\S+)(?: (run|finish))?\n/.exec(text)?.slice(1) ?? [];
  } catch {
    return [];
  }
}

/** Returns the identity that was recorded last; undefined where there is none. */
export function readIdentity(directory: number): ProcessIdentity | undefined {
  const [pid, ticks, boot, program] = readRecord(directory);
  if (pid === undefined || pid === STARTING) return undefined;
  return {
    pid: Number(pid),
    ticks: ticks!,
    boot: boot!,
    ...program !== undefined && { program: program as Program },
  };
}

/** Returns the start of which the outcome was not recorded; undefined where there is none. */
export function readIntent(directory: number): Intent | undefined {
  const [pid, ticks, boot, program] = readRecord(directory);
  if (pid !== STARTING || program === undefined || boot !== bootId()) return undefined;
  return { ticks: Number(ticks), program: program as Program };
}

/** Whether a process still runs: that process, not a later one with its process id. */
export function stillRuns({ pid, ticks, boot }: ProcessIdentity): boolean {
  if (boot !== bootId()) return false;
  const start = startOf(pid);
  return start !== undefined && !start.dead && start.ticks === ticks;
}
