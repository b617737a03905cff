import { type Pipe, setNonblocking } from "../os/descriptor.ts";
import { CWD, Open, open, readFile } from "../os/file.ts";
import { fstat, stat } from "../os/file_status.ts";
import { readLink } from "../os/path.ts";
import { decodeOs } from "../os/os_string.ts";
import { wallClock } from "../os/clock.ts";
import { STATUS_BYTES, SupervisePath } from "./protocol.ts";
import { type ServiceStatus, unpackStatus } from "./status.ts";

/** How far the two times of a process's start may be apart, which two clocks give: nanoseconds. */
const TOLERANCE = 2_000_000_000n;
const TICKS_PER_SECOND = 100n;

/** What the kernel tells of a process. */
interface ProcessFacts {
  /** When it was started, by the wall clock. */
  readonly start: bigint;
  /** The session it belongs to. */
  readonly session: number;
  /** Whether it is dead, and not reaped yet. */
  readonly zombie: boolean;
}

/** Returns what the kernel tells of a process; undefined where there is no such process. */
function factsOf(pid: number): ProcessFacts | undefined {
  try {
    const line = decodeOs(readFile(CWD, `/proc/${pid}/stat`, 4096));
    // The name is in parentheses and may hold anything; the fields are counted after it.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
    const uptime = decodeOs(readFile(CWD, "/proc/uptime", 64)).split(" ")[0]!;
    const sinceBoot = BigInt(Math.round(Number(uptime) * 1000)) * 1_000_000n;
    const ticks = BigInt(fields[19]!);
    return {
      start: wallClock() - sinceBoot + ticks * 1_000_000_000n / TICKS_PER_SECOND,
      session: Number(fields[3]),
      zombie: fields[0] === "Z",
    };
  } catch {
    return undefined;
  }
}

/** Returns whether a directory is the working directory of a process. */
function worksIn(pid: number, directory: number): boolean {
  try {
    return stat(CWD, `/proc/${pid}/cwd`).identity === fstat(directory).identity;
  } catch {
    return false;
  }
}

/**
 * Finds a survivor: the process of a service that has outlived its supervisor.
 *
 * The status file names its process id, which another process may have by now. It is the survivor if
 * it leads a session of its own, and was started at the time that the status file tells (or, as the
 * clock may have been set since, still has the service directory as its working directory).
 *
 * @param directory The service directory, open.
 * @returns The status of the service; undefined where there is no survivor.
 */
export function findSurvivor(directory: number): ServiceStatus | undefined {
  let status: ServiceStatus;
  try {
    const bytes = readFile(directory, SupervisePath.status, STATUS_BYTES);
    if (bytes.length < STATUS_BYTES) return undefined;
    status = unpackStatus(bytes);
  } catch {
    return undefined;
  }
  if (status.pid === 0) return undefined;
  const process = factsOf(status.pid);
  if (process === undefined || process.zombie || process.session !== status.pid) return undefined;
  const apart = process.start - status.stamp;
  const sameStart = apart > -TOLERANCE && apart < TOLERANCE;
  return sameStart || worksIn(status.pid, directory) ? status : undefined;
}

/**
 * Opens both ends of the pipe that is a descriptor of a running process.
 *
 * @returns undefined where that descriptor is no pipe.
 */
export function reopenPipe(pid: number, fd: number): Pipe | undefined {
  const path = `/proc/${pid}/fd/${fd}`;
  try {
    if (!readLink(CWD, path)?.startsWith("pipe:")) return undefined;
    const read = open(CWD, path, Open.READ | Open.NONBLOCK);
    setNonblocking(read, false);
    return { read, write: open(CWD, path, Open.WRITE) };
  } catch {
    // The process has just died, or belongs to another user.
    return undefined;
  }
}
