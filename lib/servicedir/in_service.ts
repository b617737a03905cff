import { close, CWD, Open, tryOpen } from "../os/file.ts";
import type { CPath } from "../os/os_string.ts";

/**
 * Opens a service directory for the `*at()` calls alone (O_PATH): this user need not be allowed to list it. What
 * is read of a service by it has a short path, which is made once for all services.
 *
 * @param path The service directory.
 * @param at The open directory that the path is relative to.
 * @returns The descriptor, or the errno as a negative number.
 */
export function openService(path: string | CPath, at: number = CWD): number {
  return tryOpen(at, path, Open.PATH | Open.DIRECTORY);
}

/**
 * Calls back with a service directory, open as {@linkcode openService} opens it.
 *
 * @param path The service directory.
 * @param call Gets the descriptor, or the errno as a negative number.
 */
export function inService<T>(path: string | CPath, call: (directory: number) => T): T {
  const directory = openService(path);
  try {
    return call(directory);
  } finally {
    if (directory >= 0) close(directory);
  }
}
