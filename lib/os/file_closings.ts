import { close, tryRead } from "./file.ts";
import { libc } from "./libc.ts";
import { cString } from "./os_string.ts";

const IN_CLOSE_WRITE = 8;
const IN_FLAGS = 0o2004000;

/**
 * Watches a file for being closed by a process that had it open for writing.
 *
 * @param path Its path; this user may read the file.
 * @returns A descriptor that is readable when that has happened; undefined where it can't be watched.
 */
export function watchClosings(path: string): number | undefined {
  const fd = libc.inotify_init1(IN_FLAGS);
  if (fd < 0) return undefined;
  if (libc.inotify_add_watch(fd, cString(path), IN_CLOSE_WRITE) >= 0) return fd;
  close(fd);
  return undefined;
}

/** Takes from the descriptor of {@linkcode watchClosings} what has happened. */
export function forgetClosings(fd: number): void {
  const buffer = new Uint8Array(4096);
  while (tryRead(fd, buffer) > 0);
}
