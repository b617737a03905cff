import { lastErrno, libc } from "./libc.ts";

export { lastErrno } from "./libc.ts";

/** The errno values that this program distinguishes. */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  ENOEXEC: 8,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ELOOP: 40,
  EINPROGRESS: 115,
} as const;

/** Returns the C library's message for an errno. */
export function errnoMessage(errno: number): string {
  const text = libc.strerror(errno);
  return text === null ? `error ${errno}` : Deno.UnsafePointerView.getCString(text);
}

/** A system call that failed: what was tried, on which path, and why it failed. */
export class SystemError extends Error {
  /** The class's name, by which an error is told from others. */
  override name = "SystemError";
  /** The attempt, as in "open supervise/lock for writing". */
  readonly attempt: string;
  /** The number that the kernel gave, as in `Errno`. */
  readonly errno: number;

  /**
   * Makes the error.
   *
   * @param attempt The attempt, as a verb and its object.
   * @param errno The kernel's reason; default: that of the call that has just failed.
   */
  constructor(attempt: string, errno: number = lastErrno()) {
    super(`Cannot ${attempt}: ${errnoMessage(errno)}`);
    this.attempt = attempt;
    this.errno = errno;
  }
}

/**
 * Returns the message of an error as it follows a colon: with a small first letter, as all of a
 * program's messages have it.
 */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}

/** Throws a {@linkcode SystemError} when a C library call returned -1. */
export function check(result: number, attempt: string): number {
  if (result < 0) throw new SystemError(attempt);
  return result;
}

/** Whether an error is a {@linkcode SystemError} with one of these errnos. */
export function isErrno(error: unknown, ...errnos: number[]): error is SystemError {
  return error instanceof SystemError && errnos.includes(error.errno);
}
