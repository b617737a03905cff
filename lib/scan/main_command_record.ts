/**
 * The record of the command of a scan, by which the next scan finds it when this one is killed. It is a
 * file of one line in the control directory: the process id, or `starting` before the start; the start in
 * clock ticks, the boot, and the session of the scan.
 *
 * @module
 */

import { CWD, readFile, replaceFile } from "../os/file.ts";
import { decodeOs, encodeOs } from "../os/os_string.ts";
import { unlink } from "../os/path.ts";
import { processId } from "../os/process.ts";
import { parentOf, sessionOf } from "../os/process_family.ts";
import { bootId, TICKS_PER_SECOND, ticksNow } from "../os/process_start.ts";
import { statOf } from "../os/process_stat.ts";
import { processesOfSessions } from "../os/process_table.ts";
import { stillRuns } from "../servicedir/process_identity.ts";
import { NEW_FILE, ScanPath } from "../servicedir/protocol.ts";

const STARTING = "starting";
const LONGEST = 256;

/** How long after the record `starting` the command is started at the latest, in clock ticks. */
const LONGEST_START = 10 * TICKS_PER_SECOND;

/** Records that the command is about to be started. */
export function recordStart(): void {
  write(STARTING, String(ticksNow()));
}

/** Records the process of the command. */
export function recordProcess(pid: number): void {
  const stat = statOf(pid);
  if (stat !== undefined) write(String(pid), stat.ticks);
}

/** Removes the record: the command has ended, or could not be started. */
export function removeRecord(): void {
  try {
    unlink(CWD, ScanPath.command);
  } catch {
    // The record of a process that has ended does no harm.
  }
}

/** Where it can't be written, or /proc is not mounted, the next scan can't find the command. */
function write(pid: string, ticks: string): void {
  const boot = bootId();
  if (boot === undefined) return;
  const line = `${pid} ${ticks} ${boot} ${sessionOf(processId()) ?? 0}\n`;
  try {
    replaceFile(CWD, ScanPath.command, ScanPath.command + NEW_FILE, encodeOs(line));
  } catch {
    // The disk is full, say.
  }
}

/**
 * Finds the processes that may be the command which a killed scan has left: none, the one that it has
 * recorded, or those that it may have started before it could record one.
 */
export function findRecorded(): number[] {
  const [pid, ticks, boot, session] = read();
  if (pid === undefined || boot !== bootId()) return [];
  if (pid === STARTING) return startedSince(Number(ticks), Number(session));
  return stillRuns({ pid: Number(pid), ticks: ticks!, boot: boot! }) ? [Number(pid)] : [];
}

function read(): string[] {
  try {
    const text = decodeOs(readFile(CWD, ScanPath.command, LONGEST));
    return /^(starting|\d+) (\d+) (\S+) (\d+)\n$/.exec(text)?.slice(1) ?? [];
  } catch {
    return [];
  }
}

/**
 * Finds orphans of the session that the killed scan was in, which the command is in, too, started in the
 * seconds after the record: services have sessions of their own.
 */
function startedSince(since: number, session: number): number[] {
  const inSession = processesOfSessions(new Set([session])).get(session) ?? [];
  const living = new Set(inSession.map(({ pid }) => pid));
  const own = new Set<number>();
  for (let at: number | undefined = processId(); at && !own.has(at); at = parentOf(at)) own.add(at);
  return [...living].filter((pid) => {
    const stat = statOf(pid);
    if (stat === undefined || own.has(pid)) return false;
    if (stat.parent !== 1 && living.has(stat.parent)) return false;
    const ticks = Number(stat.ticks);
    return ticks >= since && ticks <= since + LONGEST_START;
  });
}
