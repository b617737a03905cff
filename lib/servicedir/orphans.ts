/**
 * The orphans among which the process of a start is looked for of which only the intent was recorded.
 *
 * @module
 */

import { monotonicClock } from "../os/clock.ts";
import { eachName } from "../os/directory.ts";
import { effectiveUserId } from "../os/credentials.ts";
import { close, CWD, Descriptor, Open, open, readFile, tryOpen } from "../os/file.ts";
import { type FileStatus, fstat } from "../os/file_status.ts";
import { decodeOs } from "../os/os_string.ts";
import { processId } from "../os/process.ts";
import { parentOf } from "../os/process_family.ts";
import { bootId, TICKS_PER_SECOND, ticksNow } from "../os/process_start.ts";
import { type ProcessStat, statOf } from "../os/process_stat.ts";
import { type Intent, type ProcessIdentity, readIdentity, readIntent } from "./process_identity.ts";

/** How long after the intent a program is started at the latest, in clock ticks. */
const LONGEST_START = 10 * TICKS_PER_SECOND;

/** For how many milliseconds /proc is not read again: a scan looks for many services in a row. */
const LONGEST_USE = 1000;

/** Where a process works. */
interface Place {
  /** Device and inode of the directory; undefined where this user may not see it. */
  readonly directory?: string;
  /** Whether the record of a service there names the process. */
  readonly named: boolean;
  /** Whether a start of a service there may have been the process's. */
  readonly meant: boolean;
}

const NOWHERE: Place = { named: false, meant: false };

/** Whether only root and this process's user can have put a file into a directory. */
function isTrusted({ uid, mode }: FileStatus): boolean {
  return (uid === 0 || uid === effectiveUserId()) && (mode & 0o022) === 0;
}

/** An orphan that leads a session, and is no process that a service is known to have. */
export class Orphan {
  #place: Place | undefined;

  /**
   * @param pid Its process id.
   * @param ticks When it was started: clock ticks since the boot.
   */
  constructor(readonly pid: number, readonly ticks: string) {}

  /** Whether it was started after an intent, and soon. */
  fits({ ticks: since }: Intent): boolean {
    const ticks = Number(this.ticks);
    return ticks >= since && ticks <= since + LONGEST_START;
  }

  /** Whether it still runs. */
  get runs(): boolean {
    const stat = statOf(this.pid);
    return stat !== undefined && !stat.dead && stat.ticks === this.ticks;
  }

  /** The directory in which it works, device and inode; undefined where this user may not see it. */
  get directory(): string | undefined {
    return this.#look().directory;
  }

  /** Whether the record of a service in that directory names it. */
  get isNamedThere(): boolean {
    return this.#look().named;
  }

  /** Whether a start of a service in that directory may have been its own. */
  get isMeantThere(): boolean {
    return this.#look().meant;
  }

  /** Whether a user's programs alone have started it: a set-user-id program was not. */
  belongsTo(user: number): boolean {
    try {
      const status = decodeOs(readFile(CWD, `/proc/${this.pid}/status`, 4096));
      const ids = /^Uid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/);
      return ids !== undefined && ids.every((id) => Number(id) === user);
    } catch {
      return false;
    }
  }

  #look(): Place {
    return this.#place ??= this.#lookNow();
  }

  #lookNow(): Place {
    const fd = tryOpen(CWD, `/proc/${this.pid}/cwd`, Open.PATH | Open.DIRECTORY);
    if (fd < 0) return NOWHERE;
    using _opened = new Descriptor(fd);
    const status = fstat(fd);
    const directory = status.identity;
    if (!isTrusted(status)) return { ...NOWHERE, directory };
    const identity = readIdentity(fd);
    const intent = readIntent(fd);
    const named = identity?.pid === this.pid && identity.ticks === this.ticks;
    return { directory, named, meant: intent !== undefined && this.fits(intent) };
  }
}

/** Finds the processes from which this one descends. */
function ancestors(): Set<number> {
  const found = new Set<number>();
  for (let at = parentOf(processId()); at && !found.has(at); at = parentOf(at)) found.add(at);
  return found;
}

/** Returns all orphans that lead a session. */
function readOrphans(began: number): Orphan[] {
  const own = ancestors();
  const me = processId();
  // An orphan's parent is the process that adopts orphans here, or is about to be.
  // Parent 0: from outside of this PID namespace.
  const adopts = (parent: number) =>
    parent === 1 || own.has(parent) || (parent !== 0 && statOf(parent)?.dead !== false);
  // This process may have started some itself.
  const isOrphan = ({ parent, ticks }: ProcessStat) =>
    parent === me ? Number(ticks) <= began : adopts(parent);
  const found: Orphan[] = [];
  const proc = open(CWD, "/proc", Open.READ | Open.DIRECTORY);
  try {
    eachName(proc, "/proc", (name) => {
      const pid = Number(decodeOs(name.subarray(0, -1)));
      if (!(pid > 0) || pid === me || own.has(pid)) return;
      const stat = statOf(pid);
      if (stat === undefined || stat.dead || stat.session !== pid) return;
      if (isOrphan(stat)) found.push(new Orphan(pid, stat.ticks));
    });
  } finally {
    close(proc);
  }
  return found;
}

/**
 * Reads the orphans of this machine that lead a session, as every program of a service does. A scan shares
 * them among its services: /proc is read once for many.
 */
export class Orphans {
  readonly #identities: () => Iterable<ProcessIdentity>;
  readonly #began = ticksNow();
  #found: readonly Orphan[] = [];
  /** The processes that are recorded, by id and start; undefined: not read yet. */
  #recorded: Set<string> | undefined;
  #ticks = -1;
  #readAt = -Infinity;

  /**
   * Make it when the former supervisor is dead, and before this process starts programs.
   *
   * @param identities Reads what is recorded of the processes of all services that the caller knows.
   */
  constructor(identities: () => Iterable<ProcessIdentity> = () => []) {
    this.#identities = identities;
  }

  /**
   * Returns the living orphans that were started soon after an intent, and that no service has recorded.
   */
  since(intent: Intent): Orphan[] {
    // Read before the intent, or in the same tick: the program may have been started after that.
    if (intent.ticks >= this.#ticks || monotonicClock() - this.#readAt > LONGEST_USE) this.#read();
    return this.#found.filter((orphan) => orphan.fits(intent) && !this.#isRecorded(orphan));
  }

  #read(): void {
    this.#ticks = ticksNow();
    this.#readAt = monotonicClock();
    this.#found = readOrphans(this.#began);
    this.#recorded = undefined;
  }

  #isRecorded(orphan: Orphan): boolean {
    this.#recorded ??= new Set(
      [...this.#identities()]
        .filter(({ boot }) => boot === bootId())
        .map(({ pid, ticks }) => `${pid} ${ticks}`),
    );
    return this.#recorded.has(`${orphan.pid} ${orphan.ticks}`) || orphan.isNamedThere;
  }
}
