import { CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { tryStat } from "../os/file_status.ts";
import { readNames } from "../os/directory.ts";
import { lockOwner } from "../os/lock.ts";
import { cString } from "../os/os_string.ts";
import { Access, accessErrno } from "../os/path.ts";
import { nearestWord } from "../options/nearest_word.ts";
import { Errno, errnoMessage, isErrno, SystemError } from "../os/system_error.ts";
import { inService } from "../servicedir/in_service.ts";
import { leftProcess } from "../servicedir/left_process.ts";
import { type Life, readLife } from "../servicedir/process_identity.ts";
import { ServicePath, SupervisePath } from "../servicedir/protocol.ts";
import { isUp, readStatus, readStatusIn, type ServiceStatus } from "../servicedir/status.ts";
import type { StatusCopies } from "../servicedir/status_copies.ts";
import type { Supervision } from "./facts.ts";
import { scanRuns } from "./scan_runs.ts";

/** A service, and what its supervisor wrote last. */
export interface ServiceReading {
  /** Its directory. */
  readonly dir: string;
  /** What to call it. */
  readonly name: string;
  readonly supervision: Supervision;
  readonly status: ServiceStatus | undefined;
  /** The session of its process, or of its last one; undefined where that is not known. */
  readonly session: number | undefined;
  /** What the supervisor has recorded of its life; undefined under s6. */
  readonly life: Life | undefined;
}

const LOCK = cString(SupervisePath.lock);

/** Returns whether a file could not be opened because it is not there. */
function isMissing(fd: number): boolean {
  return fd === -Errno.ENOENT || fd === -Errno.ENOTDIR;
}

/** Returns whose supervisor is running on a service directory, which is open; undefined where none is. */
function supervisorOf(directory: number, dir: string): "sv" | "s6" | undefined {
  const fd = tryOpen(directory, LOCK, Open.READ | Open.NONBLOCK);
  if (isMissing(fd)) return undefined;
  if (fd < 0) throw new SystemError(`open ${dir}/${SupervisePath.lock} for reading`, -fd);
  using lock = new Descriptor(fd);
  const owner = lockOwner(lock.fd, dir);
  return owner && (owner === "open file" ? "sv" : "s6");
}

/** Returns the status that a supervisor has left, as `read` reads it; undefined where there has been none. */
function lastStatus(read: () => ServiceStatus): ServiceStatus | undefined {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return undefined;
    throw error;
  }
}

/** Returns what keeps a service directory from being one; undefined where it is one. */
function whatIsMissing(dir: string): Supervision | undefined {
  const is = "missing";
  if (accessErrno(CWD, dir, Access.EXISTS) === Errno.ENOENT) {
    return { is, what: `there is no directory ${dir}`, nearest: nearestTo(dir) };
  }
  if (tryStat(CWD, dir)?.type !== "directory") return { is, what: `${dir} is no directory` };
  const isThere = (path: string) =>
    accessErrno(CWD, `${dir}/${path}`, Access.EXISTS) !== Errno.ENOENT;
  return isThere(ServicePath.run) || isThere(SupervisePath.directory)
    ? undefined
    : { is, what: `${dir} has no run, so it is no service directory`, lacksRun: true };
}

/** Returns the directory that a path is in, and the name in it. */
function split(path: string): [parent: string, name: string] {
  const [, parent = ".", name = ""] = /^(?:(.*)\/)?([^/]+)$/.exec(path) ?? [];
  return [parent || "/", name];
}

/** Returns the scan directory that a service is in, and whether a scan runs on it; undefined where none has. */
function scanOf(dir: string): Extract<Supervision, { is: "none" }>["scan"] {
  const [parent, name] = split(dir);
  const directory = name === ServicePath.logger ? split(parent)[0] : parent;
  const runs = scanRuns(directory);
  return runs === undefined ? undefined : { directory, runs };
}

/** Returns the name beside a directory that does not exist which is most likely meant. */
function nearestTo(dir: string): string | undefined {
  const [parent, name] = split(dir);
  const fd = tryOpen(CWD, parent, Open.READ | Open.DIRECTORY);
  if (fd < 0) return undefined;
  using directory = new Descriptor(fd);
  const names = readNames(directory.fd, parent).filter((other) => !other.startsWith("."));
  return nearestWord(name, names);
}

/** Returns what there is of a service that nothing supervises. */
function unsupervised(dir: string): Supervision {
  const what = whatIsMissing(dir);
  if (what !== undefined) return what;
  const before = lastStatus(() => readStatus(dir)) !== undefined;
  const left = before ? leftProcess(dir) : undefined;
  return { is: "none", before, left, scan: scanOf(dir) };
}

/**
 * Reads the status of a service, and who supervises it.
 *
 * @param dir The service directory.
 * @param name What to call it.
 */
export function readService(dir: string, name: string): ServiceReading {
  return inService(dir, (directory) => readServiceIn(directory, dir, name));
}

/**
 * As {@linkcode readService}, within {@linkcode inService}.
 *
 * @param copies The scan's copies of status files, where it has some.
 */
export function readServiceIn(
  directory: number,
  dir: string,
  name: string,
  copies?: StatusCopies,
): ServiceReading {
  const nothing = { dir, name, status: undefined, session: undefined, life: undefined };
  try {
    if (directory < 0 && !isMissing(directory)) throw new SystemError(`open ${dir}`, -directory);
    const copy = directory < 0 ? undefined : copies?.statusOf(directory);
    const is = copy ? "sv" : directory < 0 ? undefined : supervisorOf(directory, dir);
    if (is === undefined) return { ...nothing, supervision: unsupervised(dir) };
    const status = copy ?? lastStatus(() => readStatusIn(directory, dir));
    const supervision = { is };
    // Of a service that is as it shall be, nothing else is of interest.
    if (status?.ready && status.wantUp) {
      return { dir, name, supervision, status, session: status.pid, life: undefined };
    }
    const life = is === "sv" ? readLife(directory) : undefined;
    const session = (status && isUp(status) ? status.pid : life?.last) || undefined;
    return { dir, name, supervision, status, session, life };
  } catch (error) {
    const why = error instanceof SystemError ? errnoMessage(error.errno) : String(error);
    return { ...nothing, supervision: { is: "unreadable", why } };
  }
}
