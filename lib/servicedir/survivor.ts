import { wallClock } from "../os/clock.ts";
import { type Pipe, setNonblocking } from "../os/descriptor.ts";
import { close, CWD, Open, readFile, tryOpen } from "../os/file.ts";
import { readLink } from "../os/path.ts";
import { isDead } from "../os/process.ts";
import { TICKS_PER_SECOND, ticksNow } from "../os/process_start.ts";
import { type Program, readIdentity, readIntent, stillRuns } from "./process_identity.ts";
import { STATUS_BYTES, SupervisePath } from "./protocol.ts";
import { type ServiceStatus, unpackStatus } from "./status.ts";
import type { Orphans } from "./orphans.ts";
import { findUnrecorded } from "./unrecorded_process.ts";

const NANOSECONDS_PER_TICK = 1_000_000_000n / BigInt(TICKS_PER_SECOND);

/** What a former supervisor has left. */
export interface Remains {
  /** The service, where its process has survived. */
  readonly survivor?: ServiceStatus;
  /** Whether its start has not been announced: its supervisor was killed before. */
  readonly isNews: boolean;
  /** When its process was started, in clock ticks, where that was found out without a record of it. */
  readonly ticks?: string;
  /** Processes of which one may be the service's, if it can't be told. */
  readonly doubtful: readonly number[];
}

const NOTHING: Remains = { isNews: false, doubtful: [] };

/**
 * Looks for a survivor: the process of a service that has outlived its supervisor.
 *
 * It is the process whose identity that supervisor has recorded. The process id in the status proves
 * nothing: any user can get it by starting processes until it comes round. Where the supervisor was
 * killed while it started a program, it may have left a process that is not recorded, or not in the
 * status yet.
 *
 * s6-supervise records no identity, nor did older versions of `sv`: what they have left is not taken
 * over.
 *
 * @param directory The service directory, open.
 * @param orphans Where a process is looked for that is not recorded.
 * @param doubt Called with the process id in the status where its identity was not recorded, and there
 *   is a process of that id.
 */
export function findSurvivor(
  directory: number,
  orphans: Orphans,
  doubt?: (pid: number) => void,
): Remains {
  const status = lastStatus(directory);
  if (status === undefined) return NOTHING;
  const intent = readIntent(directory);
  if (intent !== undefined) {
    const { process, doubtful } = findUnrecorded(directory, intent, orphans);
    if (process === undefined) return { ...NOTHING, doubtful };
    const { pid, ticks } = process;
    return { ...started(status, { pid, ticks, program: intent.program }), ticks };
  }
  const identity = readIdentity(directory);
  if (identity !== undefined && (identity.pid === status.pid || identity.program !== undefined)) {
    if (!stillRuns(identity)) return NOTHING;
    if (identity.pid === status.pid) return { ...NOTHING, survivor: status };
    return started(status, { ...identity, program: identity.program! });
  }
  if (status.pid !== 0 && !isDead(status.pid)) doubt?.(status.pid);
  return NOTHING;
}

/** Returns the remains where the status does not tell of a program that was started. */
function started(
  status: ServiceStatus,
  { pid, ticks, program }: {
    readonly pid: number;
    readonly ticks: string;
    readonly program: Program;
  },
): Remains {
  const age = BigInt(Math.max(ticksNow() - Number(ticks), 0)) * NANOSECONDS_PER_TICK;
  const stamp = wallClock() - age;
  const finishing = program === "finish";
  const survivor = {
    ...status,
    pid,
    finishing,
    ready: false,
    finished: false,
    paused: false,
    // The times of a service that finishes are those of its life.
    ...!finishing && { stamp, readyStamp: stamp },
  };
  return { survivor, isNews: true, doubtful: [] };
}

/** Returns the status that a former supervisor has left; undefined where there is none. */
function lastStatus(directory: number): ServiceStatus | undefined {
  try {
    const bytes = readFile(directory, SupervisePath.status, STATUS_BYTES);
    return bytes.length < STATUS_BYTES ? undefined : unpackStatus(bytes);
  } catch {
    return undefined;
  }
}

/** Whether a descriptor, by its path in /proc, is a pipe without a name. */
function isPipe(path: string): boolean {
  try {
    return readLink(CWD, path)?.startsWith("pipe:") ?? false;
  } catch {
    // The process has just died, or belongs to another user.
    return false;
  }
}

/**
 * Opens an end of the pipe that is a descriptor of a running process.
 *
 * @param flags Flags of open(2), with `Open.NONBLOCK`: the process may put a FIFO that nobody reads in
 *   the place of its pipe at any time.
 * @returns undefined where that descriptor is no pipe.
 */
export function reopenPipeEnd(pid: number, fd: number, flags: number): number | undefined {
  const path = `/proc/${pid}/fd/${fd}`;
  if (!isPipe(path)) return undefined;
  const opened = tryOpen(CWD, path, flags);
  if (opened < 0) return undefined;
  if (isPipe(`/proc/self/fd/${opened}`)) return opened;
  close(opened);
  return undefined;
}

/**
 * Opens both ends of the pipe that is a descriptor of a running process.
 *
 * @returns undefined where that descriptor is no pipe.
 */
export function reopenPipe(pid: number, fd: number): Pipe | undefined {
  const read = reopenPipeEnd(pid, fd, Open.READ | Open.NONBLOCK);
  if (read === undefined) return undefined;
  // By this end: the process may have closed its own by now.
  const write = tryOpen(CWD, `/proc/self/fd/${read}`, Open.WRITE);
  if (write < 0) {
    close(read);
    return undefined;
  }
  setNonblocking(read, false);
  return { read, write };
}
