/**
 * Descriptors of a part of this process that may end before the process does: a Worker of Deno.
 *
 * What the kernel closes for a process that is killed stays open where only a Worker is terminated.
 * So each descriptor is marked with the thread that uses it: the mark is the owner that F_SETOWN_EX
 * knows, to which the kernel would send signals of a file; it sends none unless it is told to.
 *
 * @module
 */

import { close } from "./file.ts";
import { fstat } from "./file_status.ts";
import { unlock } from "./lock.ts";
import { libc } from "./libc.ts";
import { openDescriptors } from "./open_descriptors.ts";
import { check } from "./system_error.ts";

const F_SETSIG = 10;
const F_GETSIG = 11;
const F_SETOWN_EX = 15;
const F_GETOWN_EX = 16;
const F_OWNER_TID = 0;
const SYS_gettid = Deno.build.arch === "aarch64" ? 178n : 186n;

/** What tells a mark from a descriptor without one. */
const MARK = 23;

/** Marks descriptors as used by this thread. */
export function markForThread(...fds: readonly number[]): void {
  const thread = Number(libc.syscall(SYS_gettid, 0n, 0n, 0n, 0n, 0n));
  const owner = new Uint8Array(Int32Array.of(F_OWNER_TID, thread).buffer);
  for (const fd of fds) {
    check(libc.fcntlLock(fd, F_SETOWN_EX, owner), `mark descriptor ${fd}`);
    check(libc.fcntl(fd, F_SETSIG, BigInt(MARK)), `mark descriptor ${fd}`);
  }
}

/** Whether a descriptor is marked for a thread that has ended. */
function isLeftBehind(fd: number): boolean {
  if (libc.fcntl(fd, F_GETSIG, 0n) !== MARK) return false;
  const owner = new Int32Array(2);
  // The kernel gives 0 for a thread that has ended.
  return libc.fcntlLock(fd, F_GETOWN_EX, new Uint8Array(owner.buffer)) === 0 && owner[1] === 0;
}

/**
 * Closes the descriptors of some files that are marked for threads that have ended.
 *
 * @param identities The files' devices and inodes, as {@linkcode fstat} gives them.
 * @returns Whether there were any.
 */
export function closeLeftBehind(identities: readonly string[]): boolean {
  let any = false;
  for (const fd of openDescriptors()) {
    if (!isLeftBehind(fd) || !identities.includes(fstat(fd).identity)) continue;
    unlock(fd);
    close(fd);
    any = true;
  }
  return any;
}
