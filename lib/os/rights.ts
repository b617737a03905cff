/**
 * The mode and the owner of files that are open. Nothing here takes a path: by the time that a path is
 * used, another user may have put a link in its place.
 *
 * @module
 */

import { libc } from "./libc.ts";
import { cString } from "./os_string.ts";
import { check, Errno, lastErrno, SystemError } from "./system_error.ts";

const AT_EMPTY_PATH = 0x1000;
/** For fchownat(2): the user or the group stays. */
const UNCHANGED = 0xffff_ffff;

/**
 * Sets the permissions of an open file, whatever the umask.
 *
 * @param fd The file, which may be open by O_PATH.
 * @param mode Its permissions.
 * @param name What to call it in an error.
 */
export function setMode(fd: number, mode: number, name: string): void {
  if (libc.fchmod(fd, mode) === 0) return;
  const errno = lastErrno();
  // O_PATH: fchmod(2) refuses the descriptor, and before Linux 6.6 only its name in /proc serves.
  if (errno === Errno.EBADF && libc.chmod(cString(`/proc/self/fd/${fd}`), mode) === 0) return;
  throw new SystemError(`change the mode of ${name}`, errno === Errno.EBADF ? lastErrno() : errno);
}

/** Gives an open file, which may be open by O_PATH, to a group. */
export function setGroup(fd: number, gid: number, name: string): void {
  check(
    libc.fchownat(fd, new Uint8Array(1), UNCHANGED, gid, AT_EMPTY_PATH),
    `give ${name} to group ${gid}`,
  );
}

/**
 * Gives an open file, which may be open by O_PATH, to a user and a group.
 *
 * @returns Whether the kernel allowed it.
 */
export function tryChangeOwner(fd: number, uid: number, gid: number): boolean {
  return libc.fchownat(fd, new Uint8Array(1), uid, gid, AT_EMPTY_PATH) === 0;
}
