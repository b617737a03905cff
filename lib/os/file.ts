/**
 * Files that are open, and their content: any name, any mode, and no thread pool. A path is relative to
 * an open directory (or to {@linkcode CWD}), so that a service keeps working when its directory is
 * renamed.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { asCPath, type CPath, pathName } from "./os_string.ts";
import { Errno, lastErrno, SystemError } from "./system_error.ts";

const arm = Deno.build.arch === "aarch64";
const SEEK_SET = 0;

/** `AT_FDCWD`: paths are relative to the working directory. */
export const CWD = -100;

/** Flags of open(2) on this machine. */
export const Open = {
  READ: 0,
  WRITE: 1,
  READ_WRITE: 2,
  CREATE: 0o100,
  EXCLUSIVE: 0o200,
  TRUNCATE: 0o1000,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  CLOEXEC: 0o2000000,
  DIRECTORY: arm ? 0o40000 : 0o200000,
  NOFOLLOW: arm ? 0o100000 : 0o400000,
  PATH: 0o10000000,
} as const;

/**
 * Opens a file, close-on-exec. As all calls here it is repeated for as long as signals interrupt it,
 * which leave it undone: each signal does so once.
 *
 * @returns The descriptor, or the errno as a negative number.
 */
export function tryOpen(at: number, path: string | CPath, flags: number, mode = 0o666): number {
  const cPath = asCPath(path);
  for (;;) {
    const fd = libc.openat(at, cPath, flags | Open.CLOEXEC, mode);
    if (fd >= 0) return fd;
    const errno = lastErrno();
    if (errno !== Errno.EINTR) return -errno;
  }
}

/** Opens a file, close-on-exec. */
export function open(at: number, path: string | CPath, flags: number, mode = 0o666): number {
  const fd = tryOpen(at, path, flags, mode);
  if (fd < 0) {
    const purpose = flags & Open.DIRECTORY ? "the directory " : "";
    const how = flags & Open.DIRECTORY || flags & Open.READ_WRITE
      ? ""
      : flags & Open.WRITE
      ? " for writing"
      : " for reading";
    throw new SystemError(`open ${purpose}${pathName(path)}${how}`, -fd);
  }
  return fd;
}

/** Closes a descriptor. */
export function close(fd: number): void {
  libc.close(fd);
}

/** A descriptor that is closed at the end of its scope. */
export class Descriptor implements Disposable {
  /** @param fd The descriptor to own. */
  constructor(readonly fd: number) {}
  [Symbol.dispose](): void {
    close(this.fd);
  }
}

/** Reads once. Returns the number of bytes, 0 at the end, or the errno as a negative number. */
export function tryRead(fd: number, buffer: Uint8Array<ArrayBuffer>): number {
  for (;;) {
    const count = libc.read(fd, buffer, buffer.length);
    if (count >= 0) return count;
    const errno = lastErrno();
    if (errno !== Errno.EINTR) return -errno;
  }
}

/** Writes once. Returns the number of bytes, or the errno as a negative number. */
export function tryWrite(fd: number, bytes: Uint8Array<ArrayBuffer>): number {
  for (;;) {
    const count = libc.write(fd, bytes, bytes.length);
    if (count >= 0) return count;
    const errno = lastErrno();
    if (errno !== Errno.EINTR) return -errno;
  }
}

/** Writes all bytes to a blocking descriptor. */
export function writeAll(fd: number, bytes: Uint8Array<ArrayBuffer>, what: string): void {
  for (let at = 0; at < bytes.length;) {
    const count = tryWrite(fd, bytes.subarray(at));
    // write(2) of no bytes returns 0: this loop would not end.
    if (count <= 0) throw new SystemError(`write ${what}`, -count || Errno.EIO);
    at += count;
  }
}

/**
 * Waits until the disk has what was written to a file. A thread of the runtime waits, for a disk may take
 * seconds. Keep the descriptor open meanwhile.
 *
 * @throws {SystemError} where that failed, always with EIO: the thread's errno is not known here.
 */
export async function sync(fd: number, what: string): Promise<void> {
  if (await libc.fsync_async(fd) !== 0) {
    throw new SystemError(`write ${what} to the disk`, Errno.EIO);
  }
}

/** Moves the place from which an open file is read next, counted from its start. */
export function seek(fd: number, position: number): void {
  if (libc.lseek(fd, BigInt(position), SEEK_SET) < 0) throw new SystemError("seek in a file");
}

/** Returns the first `limit` bytes of a file. Never blocks on a FIFO. */
export function readFile(
  at: number,
  path: string | CPath,
  limit = 1 << 20,
): Uint8Array<ArrayBuffer> {
  using file = new Descriptor(open(at, path, Open.READ | Open.NONBLOCK));
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let total = 0;
  while (total < limit) {
    const chunk = new Uint8Array(Math.min(limit - total, 4096));
    const count = tryRead(file.fd, chunk);
    if (count < 0) throw new SystemError(`read ${pathName(path)}`, -count);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    total += count;
  }
  if (chunks.length === 1) return chunks[0]!;
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/**
 * Makes a file that was not there. What a killed process has left under the name is removed.
 *
 * @returns The descriptor, or the errno as a negative number.
 */
export function tryCreate(at: number, path: CPath, mode = 0o666): number {
  // O_EXCL: what another user has put there, a link say, is never written to.
  const flags = Open.WRITE | Open.CREATE | Open.EXCLUSIVE;
  const fd = tryOpen(at, path, flags, mode);
  if (fd !== -Errno.EEXIST) return fd;
  libc.unlinkat(at, path, 0);
  return tryOpen(at, path, flags, mode);
}

/** Replaces a file: writes a new one beside it, and renames that when it is whole. */
export function replaceFile(
  at: number,
  path: string | CPath,
  temporary: string | CPath,
  bytes: Uint8Array<ArrayBuffer>,
): void {
  const cTemporary = asCPath(temporary);
  const cPath = asCPath(path);
  const fd = tryCreate(at, cTemporary);
  if (fd < 0) throw new SystemError(`open ${pathName(temporary)} for writing`, -fd);
  const count = tryWrite(fd, bytes);
  close(fd);
  if (count === bytes.length && libc.renameat(at, cTemporary, at, cPath) === 0) return;
  const error = count < 0
    ? new SystemError(`write ${pathName(temporary)}`, -count)
    : count < bytes.length
    ? new SystemError(
      `write ${pathName(temporary)} (${count} of ${bytes.length} bytes)`,
      Errno.ENOSPC,
    )
    : new SystemError(`rename ${pathName(temporary)} to ${pathName(path)}`);
  libc.unlinkat(at, cTemporary, 0);
  throw error;
}
