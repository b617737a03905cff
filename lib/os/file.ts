/**
 * Files by descriptor and path, through the C library: any name, any mode, and no thread pool.
 * A path is relative to an open directory (or to {@linkcode CWD}), so that a service keeps working
 * when its directory is renamed.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { cString, decodeOs } from "./os_string.ts";
import { check, Errno, lastErrno, SystemError } from "./system_error.ts";

const arm = Deno.build.arch === "aarch64";

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

/** Permission bits that faccessat(2) asks for. */
export const Access = { EXISTS: 0, EXECUTE: 1, WRITE: 2, READ: 4 } as const;

const AT_EACCESS = 0x200;
const AT_REMOVEDIR = 0x200;
const AT_EMPTY_PATH = 0x1000;
const AT_SYMLINK_NOFOLLOW = 0x100;
const SEEK_SET = 0;
const SEEK_END = 2;

/** A path, ready for the C library. Make it once where it is used often. */
export type CPath = Uint8Array<ArrayBuffer>;

function asCPath(path: string | CPath): CPath {
  return typeof path === "string" ? cString(path) : path;
}

function name(path: string | CPath): string {
  return typeof path === "string" ? path : decodeOs(path.subarray(0, -1));
}

/** Opens a file, close-on-exec. Returns the descriptor, or the errno as a negative number. */
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
    throw new SystemError(`open ${purpose}${name(path)}${how}`, -fd);
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

/** Reads what is there: the number of bytes, 0 at the end, or the errno as a negative number. */
export function tryRead(fd: number, buffer: Uint8Array<ArrayBuffer>): number {
  for (;;) {
    const count = libc.read(fd, buffer, buffer.length);
    if (count >= 0) return count;
    const errno = lastErrno();
    if (errno !== Errno.EINTR) return -errno;
  }
}

/** Writes once: the number of bytes, or the errno as a negative number. */
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
    if (count < 0) throw new SystemError(`write ${what}`, -count);
    at += count;
  }
}

/** The first `limit` bytes of a file. Never blocks on a FIFO. */
export function readFile(
  at: number,
  path: string | CPath,
  limit = 1 << 20,
): Uint8Array<ArrayBuffer> {
  using file = new Descriptor(open(at, path, Open.READ | Open.NONBLOCK));
  const chunks: Uint8Array[] = [];
  let total = 0;
  while (total < limit) {
    const chunk = new Uint8Array(Math.min(limit - total, 4096));
    const count = tryRead(file.fd, chunk);
    if (count < 0) throw new SystemError(`read ${name(path)}`, -count);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    total += count;
  }
  const bytes = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** Replaces a file by writing a new one beside it, which takes its name when it is whole. */
export function replaceFile(
  at: number,
  path: string | CPath,
  temporary: string | CPath,
  bytes: Uint8Array<ArrayBuffer>,
): void {
  const cTemporary = asCPath(temporary);
  const cPath = asCPath(path);
  const fd = tryOpen(at, cTemporary, Open.WRITE | Open.CREATE | Open.TRUNCATE | Open.NONBLOCK);
  if (fd < 0) throw new SystemError(`open ${name(temporary)} for writing`, -fd);
  const count = tryWrite(fd, bytes);
  close(fd);
  if (count === bytes.length && libc.renameat(at, cTemporary, at, cPath) === 0) return;
  const error = count < 0
    ? new SystemError(`write ${name(temporary)}`, -count)
    : count < bytes.length
    ? new SystemError(`write ${name(temporary)} (${count} of ${bytes.length} bytes)`, Errno.ENOSPC)
    : new SystemError(`rename ${name(temporary)} to ${name(path)}`);
  libc.unlinkat(at, cTemporary, 0);
  throw error;
}

/** Renames a file. */
export function rename(at: number, from: string | CPath, to: string | CPath): void {
  check(
    libc.renameat(at, asCPath(from), at, asCPath(to)),
    `rename ${name(from)} to ${name(to)}`,
  );
}

/** Removes a file; false when there was none. */
export function unlink(at: number, path: string | CPath): boolean {
  if (libc.unlinkat(at, asCPath(path), 0) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.ENOENT) return false;
  throw new SystemError(`remove ${name(path)}`, errno);
}

/** Removes an empty directory. */
export function rmdir(at: number, path: string): void {
  check(libc.unlinkat(at, cString(path), AT_REMOVEDIR), `remove the directory ${path}`);
}

/** Makes a symbolic link. */
export function symlink(target: string, at: number, path: string): void {
  check(libc.symlinkat(cString(target), at, cString(path)), `make the symbolic link ${path}`);
}

/** Where a symbolic link points, or null where the path is not a symbolic link. */
export function readLink(at: number, path: string): string | null {
  const buffer = new Uint8Array(4096);
  const count = Number(libc.readlinkat(at, cString(path), buffer, BigInt(buffer.length)));
  if (count >= 0) return decodeOs(buffer.subarray(0, count));
  const errno = lastErrno();
  if (errno === Errno.EINVAL) return null;
  throw new SystemError(`read the symbolic link ${path}`, errno);
}

/** Makes a directory; false when something of that name is there. The umask applies. */
export function mkdir(at: number, path: string, mode: number): boolean {
  if (libc.mkdirat(at, cString(path), mode) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.EEXIST) return false;
  throw new SystemError(`make the directory ${path}`, errno);
}

/** Makes a FIFO; false when something of that name is there. The umask applies. */
export function mkfifo(at: number, path: string, mode: number): boolean {
  if (libc.mkfifoat(at, cString(path), mode) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.EEXIST) return false;
  throw new SystemError(`make the FIFO ${path}`, errno);
}

/** Sets a file's permissions, whatever the umask. */
export function chmod(at: number, path: string, mode: number): void {
  check(libc.fchmodat(at, cString(path), mode, 0), `change the mode of ${path}`);
}

/** Gives a file to a group. */
export function chgrp(at: number, path: string, gid: number): void {
  check(
    libc.fchownat(at, cString(path), 0xffffffff, gid, 0),
    `give ${path} to group ${gid}`,
  );
}

/**
 * Gives a file to a user and a group; a symbolic link itself, not what it points to.
 *
 * @returns false where the kernel refuses.
 */
export function tryChangeOwner(at: number, path: string, uid: number, gid: number): boolean {
  return libc.fchownat(at, cString(path), uid, gid, AT_SYMLINK_NOFOLLOW) === 0;
}

/** Whether the effective user has this access; 0, or the errno that says why not. */
export function accessErrno(at: number, path: string | CPath, mode: number): number {
  return libc.faccessat(at, asCPath(path), mode, AT_EACCESS) === 0 ? 0 : lastErrno();
}

/** Whether a file is there. Throws when that can't be found out. */
export function exists(at: number, path: string | CPath): boolean {
  const errno = libc.faccessat(at, asCPath(path), Access.EXISTS, 0) === 0 ? 0 : lastErrno();
  if (errno === 0) return true;
  if (errno === Errno.ENOENT) return false;
  throw new SystemError(`access ${name(path)}`, errno);
}

/** What statx(2) tells of a file, as far as it is used here. */
export interface FileStatus {
  /** What kind of file it is. */
  readonly type: "file" | "directory" | "fifo" | "symlink" | "socket" | "device";
  /** Permission bits, set-id and sticky bits included. */
  readonly mode: number;
  /** Owner. */
  readonly uid: number;
  /** Group. */
  readonly gid: number;
  /** Length in bytes. */
  readonly size: number;
  /** Device and inode: equal for two names of one file. */
  readonly identity: string;
  /** For a device: its numbers, as in "1:3". */
  readonly device: string;
}

const types: Record<number, FileStatus["type"]> = {
  0o01: "fifo",
  0o04: "directory",
  0o10: "file",
  0o12: "symlink",
  0o14: "socket",
};

function decodeStatx(buffer: Uint8Array<ArrayBuffer>): FileStatus {
  const view = new DataView(buffer.buffer);
  const mode = view.getUint16(28, true);
  return {
    type: types[mode >> 12] ?? "device",
    mode: mode & 0o7777,
    uid: view.getUint32(20, true),
    gid: view.getUint32(24, true),
    size: Number(view.getBigUint64(40, true)),
    identity: `${view.getUint32(136, true)}:${view.getUint32(140, true)}:${
      view.getBigUint64(32, true)
    }`,
    device: `${view.getUint32(128, true)}:${view.getUint32(132, true)}`,
  };
}

/** A file's status, following symbolic links unless told otherwise. */
export function stat(at: number, path: string | CPath, followLinks = true): FileStatus {
  const status = tryStat(at, path, followLinks);
  if (status === undefined) throw new SystemError(`stat ${name(path)}`, Errno.ENOENT);
  return status;
}

/** As {@linkcode stat}; undefined where there is no such file. */
export function tryStat(
  at: number,
  path: string | CPath,
  followLinks = true,
): FileStatus | undefined {
  const buffer = new Uint8Array(256);
  const flags = followLinks ? 0 : AT_SYMLINK_NOFOLLOW;
  if (libc.statx(at, asCPath(path), flags, 0x7ff, buffer) === 0) return decodeStatx(buffer);
  const errno = lastErrno();
  if (errno === Errno.ENOENT) return undefined;
  throw new SystemError(`stat ${name(path)}`, errno);
}

/** The status of an open file. */
export function fstat(fd: number): FileStatus {
  const buffer = new Uint8Array(256);
  check(libc.statx(fd, new Uint8Array(1), AT_EMPTY_PATH, 0x7ff, buffer), `stat descriptor ${fd}`);
  return decodeStatx(buffer);
}

/** The end of an open file, in bytes; the position is there afterwards. */
export function seekEnd(fd: number): number {
  return Number(libc.lseek(fd, 0n, SEEK_END));
}

const DIRECTORY_BUFFER = new Uint8Array(16_384);
const TYPE_OFFSET = 18;
const NAME_OFFSET = 19;

/** What a directory says an entry is. Not every file system says it. */
export const EntryType = { UNKNOWN: 0, LINK: 10 } as const;

/**
 * Calls back with each name in a directory that has just been opened, `.` and `..` included, as C
 * has it, and with what it is. The name is good until the callback returns.
 *
 * @param initial Only names that start with this byte.
 */
export function eachName(
  directory: number,
  what: string,
  call: (name: CPath, type: number) => void,
  initial?: number,
): void {
  // One that calls back into here needs a buffer of its own.
  const buffer = directoryBufferInUse ? new Uint8Array(8192) : DIRECTORY_BUFFER;
  const wasInUse = directoryBufferInUse;
  directoryBufferInUse = true;
  try {
    for (;;) {
      const count = libc.getdents64(directory, buffer, buffer.length);
      if (count < 0) throw new SystemError(`list ${what}`);
      if (count === 0) return;
      for (let at = 0; at < count;) {
        const name = at + NAME_OFFSET;
        const type = buffer[at + TYPE_OFFSET]!;
        at += buffer[at + 16]! + 256 * buffer[at + 17]!;
        if (initial !== undefined && buffer[name] !== initial) continue;
        call(buffer.subarray(name, buffer.indexOf(0, name) + 1), type);
      }
    }
  } finally {
    directoryBufferInUse = wasInUse;
  }
}

let directoryBufferInUse = false;

/** The names in an open directory, from its start, `.` and `..` left out. */
export function readNames(directory: number, what: string): string[] {
  libc.lseek(directory, 0n, SEEK_SET);
  const names: string[] = [];
  eachName(directory, what, (cName) => {
    const entry = decodeOs(cName.subarray(0, -1));
    if (entry !== "." && entry !== "..") names.push(entry);
  });
  return names;
}
