/**
 * Locks on whole files, of the kind that fcntl(2) knows.
 *
 * @module
 */

import { whileInUse } from "./runtime/while_in_use.ts";
import { libc } from "./libc.ts";
import { Errno, lastErrno, SystemError } from "./system_error.ts";

const F_GETLK = 5;
const F_SETLK = 6;
const F_SETLKW = 7;
const F_OFD_SETLK = 37;
const F_RDLCK = 0;
const F_WRLCK = 1;
const F_UNLCK = 2;

/** `struct flock` for a whole file. */
function wholeFile(type: number): Uint8Array<ArrayBuffer> {
  const lock = new Uint8Array(32);
  new DataView(lock.buffer).setInt16(0, type, true);
  return lock;
}

/**
 * Locks an open file for as long as it stays open, without waiting.
 *
 * The lock belongs to the open file, not to the process: closing some other descriptor of the same
 * file does not drop it, and it conflicts with the kind that belongs to processes.
 *
 * @returns false when somebody else holds it.
 */
export function tryLock(fd: number, what: string): boolean {
  if (libc.fcntlLock(fd, F_OFD_SETLK, wholeFile(F_WRLCK)) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.EAGAIN || errno === Errno.EACCES) return false;
  throw new SystemError(`lock ${what}`, errno);
}

/** Which lock a process takes. */
export type ProcessLock = "shared" | "exclusive";

/** Locks an open file for this process, which keeps it through execve(2); waits for it if need be. */
export function waitLock(fd: number, what: string, kind: ProcessLock = "exclusive"): void {
  const lock = wholeFile(kind === "shared" ? F_RDLCK : F_WRLCK);
  while (libc.fcntlLock(fd, F_SETLKW, lock) !== 0) {
    const errno = lastErrno();
    if (errno !== Errno.EINTR) throw new SystemError(`lock ${what}`, errno);
  }
}

/** As {@linkcode waitLock}, without waiting: false when somebody else holds it. */
export function tryProcessLock(fd: number, what: string, kind: ProcessLock): boolean {
  if (libc.fcntlLock(fd, F_SETLK, wholeFile(kind === "shared" ? F_RDLCK : F_WRLCK)) === 0) {
    return true;
  }
  const errno = lastErrno();
  if (errno === Errno.EAGAIN || errno === Errno.EACCES) return false;
  throw new SystemError(`lock ${what}`, errno);
}

/**
 * As {@linkcode waitLock}, on a thread of its own, which goes on waiting until the lock is there.
 *
 * @returns false when the lock can't be had; `waitLock` then says why.
 */
export async function waitLockElsewhere(fd: number, kind: ProcessLock): Promise<boolean> {
  const lock = wholeFile(kind === "shared" ? F_RDLCK : F_WRLCK);
  return await whileInUse([lock], libc.fcntlLockAsync(fd, F_SETLKW, lock)) === 0;
}

/** Whether somebody else holds an exclusive lock on this open file. */
export function isLocked(fd: number, what: string): boolean {
  const lock = wholeFile(F_RDLCK);
  if (libc.fcntlLock(fd, F_GETLK, lock) !== 0) throw new SystemError(`read the lock on ${what}`);
  return new DataView(lock.buffer).getInt16(0, true) !== F_UNLCK;
}

/**
 * Whether the exclusive lock that somebody holds on this open file belongs to an open file, as
 * {@linkcode tryLock} takes it, and not to a process. False where there is no lock.
 */
export function isLockedByOpenFile(fd: number, what: string): boolean {
  const lock = wholeFile(F_RDLCK);
  if (libc.fcntlLock(fd, F_GETLK, lock) !== 0) throw new SystemError(`read the lock on ${what}`);
  const view = new DataView(lock.buffer);
  // The kernel names the process that holds a lock; one that belongs to no process has -1 there.
  return view.getInt16(0, true) !== F_UNLCK && view.getInt32(24, true) === -1;
}
