import { CWD } from "../os/file.ts";
import { type FileStatus, stat } from "../os/file_status.ts";
import { chgrp, chmod } from "../os/path.ts";
import { primaryGroup } from "../os/accounts.ts";
import { FifodirMode } from "../fifodir/names.ts";
import { ServicePath, SupervisePath } from "./protocol.ts";

/** Who may do something with a service, besides its owner: nobody, a group by its gid, or anyone. */
export type Allowed = "owner" | "public" | number;

/** A part of a service directory has rights that mean nothing. */
export class PermissionsError extends Error {
  override name = "PermissionsError";
}

function strange(path: string, { mode }: FileStatus): PermissionsError {
  return new PermissionsError(`${path} has incorrect permissions: ${mode.toString(8)}`);
}

function expect(path: string, type: FileStatus["type"], what: string): FileStatus {
  const status = stat(CWD, path);
  if (status.type === type) return status;
  throw new PermissionsError(`${path} is not ${what}`);
}

/** Who may read the status of a service. */
export function statusAllowed(dir: string): Allowed {
  const path = `${dir}/${SupervisePath.directory}`;
  const status = expect(path, "directory", "a directory");
  const { mode, gid } = status;
  const group = (mode & 0o010) !== 0;
  const others = (mode & 0o001) !== 0;
  if ((mode & 0o700) !== 0o700 || (mode & 0o5066) !== 0 || (others && !group)) {
    throw strange(path, status);
  }
  return others ? "public" : group ? gid : "owner";
}

/** Who may send commands to the supervisor of a service. */
export function controlAllowed(dir: string): Allowed {
  const path = `${dir}/${SupervisePath.control}`;
  const status = expect(path, "fifo", "a named pipe");
  if ((status.mode & 0o157) !== 0) throw strange(path, status);
  return status.mode & 0o020 ? status.gid : "owner";
}

/** Who may listen to the events of a service. */
export function eventsAllowed(dir: string): Allowed {
  const path = `${dir}/${ServicePath.event}`;
  const status = expect(path, "directory", "a directory");
  if (status.mode === FifodirMode.group) return status.gid;
  if (status.mode === FifodirMode.public) return "public";
  throw strange(path, status);
}

/** The group that stands for nobody in particular: the owner's own. */
function ownGroup(path: string): number {
  return primaryGroup(stat(CWD, path).uid) ?? 0;
}

function setRights(path: string, mode: number, group: number): void {
  chgrp(CWD, path, group);
  chmod(CWD, path, mode);
}

/**
 * Says who may read the status of a service, and who may control it.
 *
 * @param dir Path of the service directory.
 * @param status Who may read.
 * @param control Who may control; not "public".
 */
export function allowSupervise(
  dir: string,
  status: Allowed,
  control: Exclude<Allowed, "public">,
): void {
  const supervise = `${dir}/${SupervisePath.directory}`;
  const fifo = `${dir}/${SupervisePath.control}`;
  if (typeof status === "number") setRights(supervise, 0o710, status);
  else setRights(supervise, status === "public" ? 0o711 : 0o700, ownGroup(supervise));
  if (typeof control === "number") setRights(fifo, 0o620, control);
  else setRights(fifo, 0o600, ownGroup(fifo));
}

/** Says who may listen to the events of a service: anyone, or a group. */
export function allowEvents(dir: string, allowed: Exclude<Allowed, "owner">): void {
  const path = `${dir}/${ServicePath.event}`;
  if (typeof allowed === "number") setRights(path, FifodirMode.group, allowed);
  else setRights(path, FifodirMode.public, ownGroup(path));
}
