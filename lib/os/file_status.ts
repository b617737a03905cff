/**
 * The status of a file, from statx(2).
 *
 * @module
 */

import type { Instant } from "../tai/tai64n.ts";
import { libc } from "./libc.ts";
import { asCPath, type CPath, pathName } from "./os_string.ts";
import { check, Errno, lastErrno, SystemError } from "./system_error.ts";

const AT_EMPTY_PATH = 0x1000;
const AT_SYMLINK_NOFOLLOW = 0x100;

/** The part of a file's status that is used here. */
export interface FileStatus {
  /** Its type; of an epoll, event or timer descriptor, `anonymous`. */
  readonly type: "file" | "directory" | "fifo" | "symlink" | "socket" | "device" | "anonymous";
  /** Permission bits, set-id and sticky bits included. */
  readonly mode: number;
  /** Owner. */
  readonly uid: number;
  /** Group. */
  readonly gid: number;
  /** How many names it has. */
  readonly links: number;
  /** Length in bytes. */
  readonly size: number;
  /** When its content was changed last, in nanoseconds since 1970. */
  readonly modified: bigint;
  /** Device and inode: equal for two names of one file. */
  readonly identity: string;
  /** For a device: its numbers, as in "1:3". */
  readonly device: string;
}

const types: Record<number, FileStatus["type"]> = {
  0: "anonymous",
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
    links: view.getUint32(16, true),
    size: Number(view.getBigUint64(40, true)),
    modified: view.getBigInt64(112, true) * 1_000_000_000n + BigInt(view.getUint32(120, true)),
    identity: `${view.getUint32(136, true)}:${view.getUint32(140, true)}:${
      view.getBigUint64(32, true)
    }`,
    device: `${view.getUint32(128, true)}:${view.getUint32(132, true)}`,
  };
}

/** Returns the status of a file; of what it points to where it is a symbolic link, unless told otherwise. */
export function stat(at: number, path: string | CPath, followLinks = true): FileStatus {
  const status = tryStat(at, path, followLinks);
  if (status === undefined) throw new SystemError(`stat ${pathName(path)}`, Errno.ENOENT);
  return status;
}

/** As {@linkcode stat}, but returns undefined where there is no such file. */
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
  throw new SystemError(`stat ${pathName(path)}`, errno);
}

/** Returns the status of an open file. */
export function fstat(fd: number): FileStatus {
  const buffer = new Uint8Array(256);
  check(libc.statx(fd, new Uint8Array(1), AT_EMPTY_PATH, 0x7ff, buffer), `stat descriptor ${fd}`);
  return decodeStatx(buffer);
}

/** How many 32-bit words {@linkcode identityAt} returns. */
export const IDENTITY_WORDS = 4;

/** What is asked for where only the identity matters: the inode; the kernel always tells the device. */
const STATX_INO = 0x100;

/** What the kernel answers in: to make it anew each time takes as long as the call. */
const answer = new Uint8Array(256);
const answerWords = new Int32Array(answer.buffer);
const identity = new Int32Array(IDENTITY_WORDS);

/**
 * Returns device and inode of a file, which tell it from all others: the last word is the lower half of the
 * inode. They are those of the file until the next call.
 *
 * @param at The open directory that the path is relative to; with an empty path the file itself, open.
 * @param path The file; of a symbolic link, what it points to.
 * @returns undefined where that can't be told: there is no such file, say.
 */
export function identityAt(at: number, path: CPath): Int32Array | undefined {
  const flags = path[0] === 0 ? AT_EMPTY_PATH : 0;
  if (libc.statx(at, path, flags, STATX_INO, answer) !== 0) return undefined;
  identity[0] = answerWords[34]!;
  identity[1] = answerWords[35]!;
  identity[2] = answerWords[9]!;
  identity[3] = answerWords[8]!;
  return identity;
}

/** Returns when an open file was written to last. */
export function modifiedAt(fd: number): Instant {
  const buffer = new Uint8Array(256);
  check(libc.statx(fd, new Uint8Array(1), AT_EMPTY_PATH, 0x7ff, buffer), `stat descriptor ${fd}`);
  const view = new DataView(buffer.buffer);
  return view.getBigInt64(112, true) * 1_000_000_000n + BigInt(view.getUint32(120, true));
}
