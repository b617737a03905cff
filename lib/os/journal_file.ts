/**
 * A file that is written at any place and filled from a FIFO: what a journal needs.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { check, Errno, lastErrno } from "./system_error.ts";

const SEEK_END = 2;
const SPLICE_F_NONBLOCK = 2;

/**
 * Moves bytes from a FIFO to the end of a file, at most `limit`, without waiting for any.
 *
 * The kernel takes as many bytes from the FIFO as it adds to the file, in one call: a process that is
 * killed loses none and has none twice. The file must not be open with O_APPEND.
 *
 * @returns The number of bytes; 0 where the FIFO is empty and has no writer; or the errno as a negative
 *   number, EAGAIN where the FIFO is empty.
 */
export function spliceToEnd(fifo: number, file: number, limit: number): number {
  for (;;) {
    if (libc.lseek(file, 0n, SEEK_END) < 0n) return -lastErrno();
    const count = libc.splice(fifo, null, file, null, BigInt(limit), SPLICE_F_NONBLOCK);
    if (count >= 0n) return Number(count);
    const errno = lastErrno();
    if (errno !== Errno.EINTR) return -errno;
  }
}

/** Reads at a place of a file. Returns the number of bytes, less than asked for only at the end. */
export function readAt(fd: number, bytes: Uint8Array<ArrayBuffer>, position: number): number {
  let at = 0;
  while (at < bytes.length) {
    const rest = bytes.subarray(at);
    const count = libc.pread(fd, rest, rest.length, BigInt(position + at));
    if (count < 0 && lastErrno() === Errno.EINTR) continue;
    if (check(count, "read a journal") === 0) break;
    at += count;
  }
  return at;
}

/** Writes at a place of a file. Returns the number of bytes, or the errno as a negative number. */
export function tryWriteAt(fd: number, bytes: Uint8Array<ArrayBuffer>, position: number): number {
  for (;;) {
    const count = libc.pwrite(fd, bytes, bytes.length, BigInt(position));
    if (count >= 0) return count;
    const errno = lastErrno();
    if (errno !== Errno.EINTR) return -errno;
  }
}

/** Sets the length of a file. */
export function truncate(fd: number, length: number): void {
  check(libc.ftruncate(fd, BigInt(length)), "truncate a journal");
}
