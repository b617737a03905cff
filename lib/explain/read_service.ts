import { CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { tryStat } from "../os/file_status.ts";
import { readNames } from "../os/directory.ts";
import { lockOwner } from "../os/lock.ts";
import { Access, accessErrno } from "../os/path.ts";
import { nearestWord } from "../options/nearest_word.ts";
import { Errno, errnoMessage, isErrno, SystemError } from "../os/system_error.ts";
import { leftProcess } from "../servicedir/left_process.ts";
import { type Life, readLife } from "../servicedir/process_identity.ts";
import { ServicePath, SupervisePath } from "../servicedir/protocol.ts";
import { isUp, readStatus, type ServiceStatus } from "../servicedir/status.ts";
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

/** Returns whose supervisor is running on a service directory; undefined where none is. */
function supervisorOf(dir: string): "sv" | "s6" | undefined {
  const path = `${dir}/${SupervisePath.lock}`;
  const fd = tryOpen(CWD, path, Open.READ | Open.NONBLOCK);
  if (fd === -Errno.ENOENT || fd === -Errno.ENOTDIR) return undefined;
  if (fd < 0) throw new SystemError(`open ${path} for reading`, -fd);
  using lock = new Descriptor(fd);
  const owner = lockOwner(lock.fd, path);
  return owner && (owner === "open file" ? "sv" : "s6");
}

/** Returns the status that a supervisor has left; undefined where there has been none. */
function lastStatus(dir: string): ServiceStatus | undefined {
  try {
    return readStatus(dir);
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

/** Returns what the supervisor has recorded of the life of a service. */
function lifeOf(dir: string): Life | undefined {
  const fd = tryOpen(CWD, dir, Open.READ | Open.DIRECTORY);
  if (fd < 0) return undefined;
  using directory = new Descriptor(fd);
  return readLife(directory.fd);
}

/**
 * Reads the status of a service, and who supervises it.
 *
 * @param dir The service directory.
 * @param name What to call it.
 */
export function readService(dir: string, name: string): ServiceReading {
  const nothing = { dir, name, status: undefined, session: undefined, life: undefined };
  try {
    const is = supervisorOf(dir);
    if (is === undefined) {
      const what = whatIsMissing(dir);
      if (what !== undefined) return { ...nothing, supervision: what };
      const before = lastStatus(dir) !== undefined;
      const left = before ? leftProcess(dir) : undefined;
      return { ...nothing, supervision: { is: "none", before, left, scan: scanOf(dir) } };
    }
    const status = lastStatus(dir);
    const supervision = { is };
    // Of a service that is as it shall be, nothing else is of interest.
    if (status?.ready && status.wantUp) {
      return { dir, name, supervision, status, session: status.pid, life: undefined };
    }
    const life = is === "sv" ? lifeOf(dir) : undefined;
    const session = (status && isUp(status) ? status.pid : life?.last) || undefined;
    return { dir, name, supervision, status, session, life };
  } catch (error) {
    const why = error instanceof SystemError ? errnoMessage(error.errno) : String(error);
    return { ...nothing, supervision: { is: "unreadable", why } };
  }
}
