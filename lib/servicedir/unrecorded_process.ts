/**
 * The process of a program that was started, but whose start was not recorded, because the supervisor
 * was killed between the two.
 *
 * @module
 */

import { effectiveUserId } from "../os/credentials.ts";
import { eachName } from "../os/directory.ts";
import { close, CWD, Open, open, readFile } from "../os/file.ts";
import { fstat, stat } from "../os/file_status.ts";
import { decodeOs } from "../os/os_string.ts";
import { processId } from "../os/process.ts";
import { parentOf } from "../os/process_family.ts";
import { startOf, TICKS_PER_SECOND } from "../os/process_start.ts";
import type { Intent } from "./process_identity.ts";

/** How long after the intent a program is started at the latest, in clock ticks. */
const LONGEST_START = 10 * TICKS_PER_SECOND;

/** What was found. */
export interface Unrecorded {
  /** The process of the service, beyond doubt: process id, and start in clock ticks since the boot. */
  readonly process?: { readonly pid: number; readonly ticks: number };
  /** Processes of which one may be the service's. */
  readonly doubtful: readonly number[];
}

/** Returns the processes from which this one descends. */
function ancestors(): Set<number> {
  const found = new Set<number>();
  for (let at = parentOf(processId()); at && !found.has(at); at = parentOf(at)) found.add(at);
  return found;
}

/** Returns whether a process was started by a user's programs alone: a set-user-id program was not. */
function belongsTo(pid: number, user: number): boolean {
  const line = /^Uid:\s+(.*)$/m.exec(decodeOs(readFile(CWD, `/proc/${pid}/status`, 4096)));
  return line !== null && line[1]!.split(/\s+/).every((id) => Number(id) === user);
}

/** Returns all process ids. */
function processes(): number[] {
  const found: number[] = [];
  const proc = open(CWD, "/proc", Open.READ | Open.DIRECTORY);
  try {
    eachName(proc, "/proc", (name) => {
      const pid = Number(decodeOs(name.subarray(0, name.indexOf(0))));
      if (pid > 0) found.push(pid);
    });
  } finally {
    close(proc);
  }
  return found;
}

/**
 * Finds the orphans that may be of a start of which only the intent was recorded. Such a process
 *
 * - leads a session, as every program of a service does,
 * - was started after the intent, and soon,
 * - is an orphan, as its supervisor is dead: its parent is the one that adopts orphans here,
 * - and shows what the caller looks for.
 *
 * @param intent The start.
 * @param shows Returns whether a process shows what the caller looks for; may throw where it can't tell.
 */
export function findOrphans(
  { ticks: since }: Intent,
  shows: (pid: number) => boolean,
): { readonly pid: number; readonly ticks: number }[] {
  const own = ancestors();
  const adopts = (parent: number) =>
    parent === 1 || own.has(parent) || startOf(parent)?.dead !== false;
  const found: { readonly pid: number; readonly ticks: number }[] = [];
  for (const pid of processes()) {
    const start = startOf(pid);
    if (start === undefined || start.dead || start.session !== pid) continue;
    const ticks = Number(start.ticks);
    if (ticks < since || ticks > since + LONGEST_START) continue;
    if (own.has(pid) || pid === processId() || !adopts(start.parent)) continue;
    try {
      if (shows(pid)) found.push({ pid, ticks });
    } catch {
      // It has just died, or this user may not look at it.
    }
  }
  return found;
}

/**
 * Looks for the process of a start of which only the intent was recorded: an orphan that works in the
 * service directory, where it was started.
 *
 * It is the one beyond doubt if it has this process's user, and there is no other. If it has changed its
 * user since, it can't be told from what another user has started there.
 *
 * @param directory The service directory, open.
 * @param intent The start.
 */
export function findUnrecorded(directory: number, intent: Intent): Unrecorded {
  const here = fstat(directory).identity;
  const user = effectiveUserId();
  let strangers = 0;
  const found = findOrphans(intent, (pid) => {
    if (stat(CWD, `/proc/${pid}/cwd`).identity !== here) return false;
    if (!belongsTo(pid, user)) strangers++;
    return true;
  });
  const [only] = found;
  return only !== undefined && found.length === 1 && strangers === 0
    ? { process: only, doubtful: [] }
    : { doubtful: found.map(({ pid }) => pid) };
}
