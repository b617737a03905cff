import { CWD } from "../os/file.ts";
import { type FileStatus, stat } from "../os/file_status.ts";
import { chgrp, chmod } from "../os/path.ts";
import { primaryGroup } from "../os/accounts.ts";
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
function ownGroup(path: string): number {
  return primaryGroup(stat(CWD, path).uid) ?? 0;
}

function setRights(path: string, mode: number, group: number): void {
  chgrp(CWD, path, group);
  chmod(CWD, path, mode);
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
  const supervise = `${dir}/${SupervisePath.directory}`;
  const fifo = `${dir}/${SupervisePath.control}`;
  if (typeof status === "number") setRights(supervise, 0o710, status);
  else setRights(supervise, status === "public" ? 0o711 : 0o700, ownGroup(supervise));
  if (typeof control === "number") setRights(fifo, 0o620, control);
  else setRights(fifo, 0o600, ownGroup(fifo));
}

/** Sets which users may listen to the events of a service: all, or a group. */
export function allowEvents(dir: string, allowed: Exclude<Allowed, "owner">): void {
  const path = `${dir}/${ServicePath.event}`;
  if (typeof allowed === "number") setRights(path, FifodirMode.group, allowed);
  else setRights(path, FifodirMode.public, ownGroup(path));
}
