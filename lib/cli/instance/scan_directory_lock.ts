import { leftProcess } from "../../servicedir/left_process.ts";
import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { waitLock } from "../../os/lock.ts";
import { exists } from "../../os/path.ts";
import { removeTree } from "../../rc/live/copy_tree.ts";
import { isSupervised } from "../../servicedir/is_supervised.ts";
import { ServicePath } from "../../servicedir/protocol.ts";

/** What the name of an instance begins with until it is whole: scans skip it. */
const UNFINISHED = ".mk:";

/** What the name of an instance begins with from the moment on at which it is deleted. */
const DELETED = ".rm:";

/** Held while instances of a scan directory are made, renamed and removed. */
const LOCK = ".sv-instances.lock";

/** Returns the name of an instance that is being made. It is as near to its template as the final one. */
export function unfinished(service: string): string {
  return UNFINISHED + service;
}

/** Returns the name of an instance that is being deleted. */
export function deleted(service: string): string {
  return DELETED + service;
}

/** Returns the path of an instance that is being deleted. */
export function deletedPath(scandir: string, service: string): string {
  return `${scandir}/${deleted(service)}`;
}

/** Returns an instance's service directory, and that of its logger where it has one. */
export function withOwnLogger(dir: string): string[] {
  const logger = `${dir}/${ServicePath.logger}`;
  return exists(CWD, logger) ? [dir, logger] : [dir];
}

/** Whether nothing of a deleted instance runs any more. */
function isOver(dir: string): boolean {
  return withOwnLogger(dir).every((one) => !isSupervised(one) && leftProcess(one) === undefined);
}

/** Removes what a killed command has left in a scan directory, and deleted instances that have ended. */
function sweep(scandir: string): void {
  using directory = new Descriptor(open(CWD, scandir, Open.READ | Open.DIRECTORY));
  for (const name of readNames(directory.fd, scandir)) {
    const path = `${scandir}/${name}`;
    const isLeft = name.startsWith(UNFINISHED) || name.startsWith(DELETED) && isOver(path);
    if (isLeft) removeTree(path);
  }
}

/**
 * Calls back while no other command makes or removes instances of a scan directory, after the removal of
 * what killed commands have left there.
 */
export function withLockedScan<T>(scandir: string, call: () => T): T {
  const path = `${scandir}/${LOCK}`;
  const flags = Open.WRITE | Open.CREATE | Open.NOFOLLOW;
  using lock = new Descriptor(open(CWD, path, flags, 0o600));
  waitLock(lock.fd, path);
  sweep(scandir);
  return call();
}
