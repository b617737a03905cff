import { type Pipe, setNonblocking } from "../os/descriptor.ts";
import { CWD, Open, open, readFile } from "../os/file.ts";
import { readLink } from "../os/path.ts";
import { isDead } from "../os/process.ts";
import { readIdentity, stillRuns } from "./process_identity.ts";
import { STATUS_BYTES, SupervisePath } from "./protocol.ts";
import { type ServiceStatus, unpackStatus } from "./status.ts";

/**
 * Finds a survivor: the process of a service that has outlived its supervisor.
 *
 * It is the process that the status file names and whose identity that supervisor has recorded. The
 * process id alone proves nothing: any user can get it by starting processes until it comes round.
 *
 * s6-supervise records no identity, nor did older versions of `sv`: what they have left is not taken
 * over.
 *
 * @param directory The service directory, open.
 * @param doubt Called with the process id in the status where its identity was not recorded, and there
 *   is a process of that id.
 * @returns The status of the service; undefined where there is no survivor.
 */
export function findSurvivor(
  directory: number,
  doubt?: (pid: number) => void,
): ServiceStatus | undefined {
  const status = lastStatus(directory);
  if (status === undefined || status.pid === 0) return undefined;
  const identity = readIdentity(directory);
  if (identity?.pid === status.pid) return stillRuns(identity) ? status : undefined;
  if (!isDead(status.pid)) doubt?.(status.pid);
  return undefined;
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
