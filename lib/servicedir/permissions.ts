import { primaryGroup } from "../os/accounts.ts";
import { CWD, Descriptor, Open, open } from "../os/file.ts";
import { type FileStatus, fstat, stat } from "../os/file_status.ts";
import { openOwnDirectory } from "../os/open_own.ts";
import { setGroup, setMode } from "../os/rights.ts";
import { FifodirMode } from "../fifodir/names.ts";
import { ServicePath, SupervisePath } from "./protocol.ts";

/** Which users may do something with a service: its owner alone, also a group (its gid), or all. */
export type Allowed = "owner" | "public" | number;

/** A part of a service directory has a mode that the protocol does not have. */
export class PermissionsError extends Error {
  override name = "PermissionsError";
}

function incorrect(path: string, { mode }: FileStatus): PermissionsError {
  return new PermissionsError(`${path} has incorrect permissions: ${mode.toString(8)}`);
}

function statOf(path: string, type: FileStatus["type"], what: string): FileStatus {
  const status = stat(CWD, path);
  if (status.type === type) return status;
  throw new PermissionsError(`${path} is not ${what}`);
}

/** Returns which users may read the status of a service. */
export function statusAllowed(dir: string): Allowed {
  const path = `${dir}/${SupervisePath.directory}`;
  const status = statOf(path, "directory", "a directory");
  const { mode, gid } = status;
  const group = (mode & 0o010) !== 0;
  const others = (mode & 0o001) !== 0;
  if ((mode & 0o700) !== 0o700 || (mode & 0o5066) !== 0 || (others && !group)) {
    throw incorrect(path, status);
  }
  return others ? "public" : group ? gid : "owner";
}

/** Returns which users may send commands to the supervisor of a service. */
export function controlAllowed(dir: string): Allowed {
  const path = `${dir}/${SupervisePath.control}`;
  const status = statOf(path, "fifo", "a named pipe");
  if ((status.mode & 0o157) !== 0) throw incorrect(path, status);
  return status.mode & 0o020 ? status.gid : "owner";
}

/** Returns which users may listen to the events of a service. */
export function eventsAllowed(dir: string): Allowed {
  const path = `${dir}/${ServicePath.event}`;
  const status = statOf(path, "directory", "a directory");
  if (status.mode === FifodirMode.group) return status.gid;
  if (status.mode === FifodirMode.public) return "public";
  throw incorrect(path, status);
}

/** Returns the primary group of a file's owner: for a mode that gives its group no rights. */
function ownGroup({ uid }: FileStatus): number {
  return primaryGroup(uid) ?? 0;
}

/**
 * Sets the mode and the group of an open file.
 *
 * @param allowed The group; its owner's where it gets no rights.
 */
function setRights(fd: number, name: string, mode: number, allowed: Allowed): void {
  setGroup(fd, typeof allowed === "number" ? allowed : ownGroup(fstat(fd)), name);
  setMode(fd, mode, name);
}

/**
 * Sets which users may read the status of a service, and which may control it.
 *
 * @param dir Path of the service directory.
 * @param status Which users may read the status.
 * @param control Which users may control it; never all.
 */
export function allowSupervise(
  dir: string,
  status: Allowed,
  control: Exclude<Allowed, "public">,
): void {
  const path = `${dir}/${SupervisePath.directory}`;
  using supervise = new Descriptor(openOwnDirectory(CWD, path));
  const mode = typeof status === "number" ? 0o710 : status === "public" ? 0o711 : 0o700;
  setRights(supervise.fd, path, mode, status);
  const name = `${dir}/${SupervisePath.control}`;
  const file = SupervisePath.control.slice(SupervisePath.directory.length + 1);
  // O_PATH: a reader would make the service look supervised, and a writer fails where it is not.
  using fifo = new Descriptor(open(supervise.fd, file, Open.PATH | Open.NOFOLLOW));
  const { type, links } = fstat(fifo.fd);
  // With a second name it may be any FIFO, to which another user has made a link here.
  if (type !== "fifo" || links > 1) throw new PermissionsError(`${name} is not a named pipe`);
  setRights(fifo.fd, name, typeof control === "number" ? 0o620 : 0o600, control);
}

/** Sets which users may listen to the events of a service: all, or a group. */
export function allowEvents(dir: string, allowed: Exclude<Allowed, "owner">): void {
  const path = `${dir}/${ServicePath.event}`;
  using event = new Descriptor(openOwnDirectory(CWD, path));
  const mode = typeof allowed === "number" ? FifodirMode.group : FifodirMode.public;
  setRights(event.fd, path, mode, allowed);
}
