/**
 * Operations on a path that don't open the file.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { asCPath, type CPath, cString, decodeOs, pathName } from "./os_string.ts";
import { check, Errno, lastErrno, SystemError } from "./system_error.ts";

const AT_EACCESS = 0x200;
const AT_REMOVEDIR = 0x200;
const AT_SYMLINK_NOFOLLOW = 0x100;
const RENAME_NOREPLACE = 1;

/** Permission bits that faccessat(2) asks for. */
export const Access = { EXISTS: 0, EXECUTE: 1, WRITE: 2, READ: 4 } as const;

/** Renames a file. */
export function rename(at: number, from: string | CPath, to: string | CPath): void {
  check(
    libc.renameat(at, asCPath(from), at, asCPath(to)),
    `rename ${pathName(from)} to ${pathName(to)}`,
  );
}

/** Renames a file. Returns false, and renames nothing, where something has the new name already. */
export function renameNew(at: number, from: string, to: string): boolean {
  const cFrom = cString(from);
  const cTo = cString(to);
  if (libc.renameat2(at, cFrom, at, cTo, RENAME_NOREPLACE) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.EEXIST) return false;
  // Some network file systems know no flags of rename.
  if (errno !== Errno.EINVAL) throw new SystemError(`rename ${from} to ${to}`, errno);
  if (libc.faccessat(at, cTo, Access.EXISTS, AT_SYMLINK_NOFOLLOW) === 0) return false;
  rename(at, cFrom, cTo);
  return true;
}

/** Gives a file a second name, which nothing may have. A symbolic link is not followed. */
export function link(at: number, from: string, to: string): void {
  check(libc.linkat(at, cString(from), at, cString(to), 0), `link ${from} to ${to}`);
}

/** Removes a file. Returns false where there was none. */
export function unlink(at: number, path: string | CPath): boolean {
  if (libc.unlinkat(at, asCPath(path), 0) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.ENOENT) return false;
  throw new SystemError(`remove ${pathName(path)}`, errno);
}

/** Removes an empty directory. */
export function rmdir(at: number, path: string): void {
  check(libc.unlinkat(at, cString(path), AT_REMOVEDIR), `remove the directory ${path}`);
}

/** Makes a symbolic link. */
export function symlink(target: string, at: number, path: string): void {
  check(libc.symlinkat(cString(target), at, cString(path)), `make the symbolic link ${path}`);
}

/** Returns the target of a symbolic link; null where the path is not a symbolic link. */
export function readLink(at: number, path: string): string | null {
  const target = tryReadLink(at, path);
  if (target === undefined) throw new SystemError(`read the symbolic link ${path}`, Errno.ENOENT);
  return target;
}

/** As {@linkcode readLink}, but returns undefined where there is nothing of that name. */
export function tryReadLink(at: number, path: string): string | null | undefined {
  const buffer = new Uint8Array(4096);
  const count = Number(libc.readlinkat(at, cString(path), buffer, BigInt(buffer.length)));
  if (count >= 0) return decodeOs(buffer.subarray(0, count));
  const errno = lastErrno();
  if (errno === Errno.EINVAL) return null;
  if (errno === Errno.ENOENT) return undefined;
  throw new SystemError(`read the symbolic link ${path}`, errno);
}

/** Makes a directory. Returns false where something has that name already. The umask applies. */
export function mkdir(at: number, path: string, mode: number): boolean {
  if (libc.mkdirat(at, cString(path), mode) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.EEXIST) return false;
  throw new SystemError(`make the directory ${path}`, errno);
}

/** Makes a FIFO. Returns false where something has that name already. The umask applies. */
export function mkfifo(at: number, path: string, mode: number): boolean {
  if (libc.mkfifoat(at, cString(path), mode) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.EEXIST) return false;
  throw new SystemError(`make the FIFO ${path}`, errno);
}

/** Returns 0 where the effective user has this access, and the errno that says why not elsewhere. */
export function accessErrno(at: number, path: string | CPath, mode: number): number {
  return libc.faccessat(at, asCPath(path), mode, AT_EACCESS) === 0 ? 0 : lastErrno();
}

/** Whether a file is there. Throws where that can't be found out. */
export function exists(at: number, path: string | CPath): boolean {
  const errno = libc.faccessat(at, asCPath(path), Access.EXISTS, 0) === 0 ? 0 : lastErrno();
  if (errno === 0) return true;
  if (errno === Errno.ENOENT) return false;
  throw new SystemError(`access ${pathName(path)}`, errno);
}
