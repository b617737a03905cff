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
 * @returns false where another process, or another open file, holds it.
 */
export function tryLock(fd: number, what: string): boolean {
  if (libc.fcntlLock(fd, F_OFD_SETLK, wholeFile(F_WRLCK)) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.EAGAIN || errno === Errno.EACCES) return false;
  throw new SystemError(`lock ${what}`, errno);
}

/**
 * Lets go of a lock that {@linkcode tryLock} took. Call it before the file is closed: a child that is being
 * started has a copy of the descriptor, and with it the lock, until its program begins.
 */
export function unlock(fd: number): void {
  // Fails only for what can have no lock.
  libc.fcntlLock(fd, F_OFD_SETLK, wholeFile(F_UNLCK));
}

/** The lock that a process takes. */
export type ProcessLock = "shared" | "exclusive";

/**
 * Locks an open file for this process, which keeps the lock through execve(2). Waits for it, and goes on
 * waiting when a signal interrupts it.
 */
export function waitLock(fd: number, what: string, kind: ProcessLock = "exclusive"): void {
  const lock = wholeFile(kind === "shared" ? F_RDLCK : F_WRLCK);
  while (libc.fcntlLock(fd, F_SETLKW, lock) !== 0) {
    const errno = lastErrno();
    if (errno !== Errno.EINTR) throw new SystemError(`lock ${what}`, errno);
  }
}

/** As {@linkcode waitLock}, without waiting. Returns false where another process holds it. */
export function tryProcessLock(fd: number, what: string, kind: ProcessLock): boolean {
  if (libc.fcntlLock(fd, F_SETLK, wholeFile(kind === "shared" ? F_RDLCK : F_WRLCK)) === 0) {
    return true;
  }
  const errno = lastErrno();
  if (errno === Errno.EAGAIN || errno === Errno.EACCES) return false;
  throw new SystemError(`lock ${what}`, errno);
}

/**
 * As {@linkcode waitLock}, but a thread of the runtime waits. It can't be told to stop.
 *
 * @returns false where the lock can't be had; `waitLock` then throws the reason.
 */
export async function waitLockElsewhere(fd: number, kind: ProcessLock): Promise<boolean> {
  const lock = wholeFile(kind === "shared" ? F_RDLCK : F_WRLCK);
  return await whileInUse([lock], libc.fcntlLockAsync(fd, F_SETLKW, lock)) === 0;
}

/** What an exclusive lock belongs to: an open file, as {@linkcode tryLock} takes it, or a process. */
export type LockOwner = "open file" | "process";

/** What a lock is asked for, and answered, in: to make it anew each time takes as long as the call. */
const answer = new Uint8Array(32);
const answerView = new DataView(answer.buffer);

/**
 * Returns the process that an exclusive lock on this file belongs to, as the kernel gives it: -1 where it
 * belongs to an open file, 0 for a process of another namespace; undefined where there is no lock.
 */
function lockedBy(fd: number, what: string): number | undefined {
  answer.fill(0);
  answerView.setInt16(0, F_RDLCK, true);
  if (libc.fcntlLock(fd, F_GETLK, answer) !== 0) throw new SystemError(`read the lock on ${what}`);
  return answerView.getInt16(0, true) === F_UNLCK ? undefined : answerView.getInt32(24, true);
}

/**
 * Returns the process that an exclusive lock on this file belongs to; undefined where there is none, or
 * it belongs to an open file.
 */
export function lockingProcess(fd: number, what: string): number | undefined {
  const pid = lockedBy(fd, what);
  return pid === undefined || pid <= 0 ? undefined : pid;
}

/** Returns what the exclusive lock on this file belongs to; undefined where there is none. */
export function lockOwner(fd: number, what: string): LockOwner | undefined {
  const pid = lockedBy(fd, what);
  return pid === undefined ? undefined : pid === -1 ? "open file" : "process";
}

/** Whether another process, or another open file, holds an exclusive lock on this file. */
export function isLocked(fd: number, what: string): boolean {
  return lockOwner(fd, what) !== undefined;
}
