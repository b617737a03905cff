import { effectiveUserId } from "./credentials.ts";
import { Descriptor, Open, tryOpen } from "./file.ts";
import { fstat } from "./file_status.ts";
import { type CPath, pathName } from "./os_string.ts";
import { readLink } from "./path.ts";
import { Errno, SystemError } from "./system_error.ts";

/**
 * Opens a file, close-on-exec. Where the path is a symbolic link, the link is followed only if this user
 * or root has made it: another user's could lead wherever this user has rights and the other has not.
 *
 * @param at The directory that the path is relative to, open; or `CWD`.
 * @param path The path. Links in the middle of it are followed.
 * @param flags Flags of open(2).
 */
export function openOwn(at: number, path: string | CPath, flags: number): number {
  const wanted = flags | Open.NOFOLLOW;
  let fd = tryOpen(at, path, wanted);
  // ENOTDIR: the kernel's answer for a link where a directory is asked for.
  if (fd === -Errno.ELOOP || fd === -Errno.ENOTDIR) {
    const target = targetOf(at, path);
    if (target !== undefined) fd = tryOpen(at, target, wanted);
  }
  if (fd >= 0) return fd;
  const what = flags & Open.DIRECTORY ? "the directory " : "";
  throw new SystemError(`open ${what}${pathName(path)}`, -fd);
}

/** Opens a directory: as {@linkcode openOwn}. */
export function openOwnDirectory(
  at: number,
  path: string | CPath,
  flags: number = Open.READ,
): number {
  return openOwn(at, path, flags | Open.DIRECTORY);
}

/**
 * Returns the path that a symbolic link leads to; undefined where the path is none. Throws where
 * another user has made it.
 */
function targetOf(at: number, path: string | CPath): string | undefined {
  // O_PATH: the owner and the target that are read are those of one link.
  const opened = tryOpen(at, path, Open.PATH | Open.NOFOLLOW);
  if (opened < 0) return undefined;
  using link = new Descriptor(opened);
  const { type, uid } = fstat(link.fd);
  if (type !== "symlink") return undefined;
  if (uid !== effectiveUserId() && uid !== 0) {
    throw new SystemError(`follow the symbolic link ${pathName(path)} of user ${uid}`, Errno.ELOOP);
  }
  const target = readLink(link.fd, "")!;
  return target.startsWith("/") ? target : pathName(path).replace(/[^/]*\/*$/, "") + target;
}
