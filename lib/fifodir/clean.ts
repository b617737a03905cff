import { eachName } from "../os/directory.ts";
import { close, CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { openOwnDirectory } from "../os/open_own.ts";
import type { CPath } from "../os/os_string.ts";
import { unlink } from "../os/path.ts";
import { Errno } from "../os/system_error.ts";
import { isListener, LISTENER_INITIAL, LISTENER_KIND, maybeFifo } from "./names.ts";

/**
 * Removes from a fifodir the FIFOs that no process reads.
 *
 * @param directory The directory the fifodir is in, open; or `CWD`.
 * @param fifodir The fifodir's path there.
 * @param name What to call it in an error.
 * @returns How many were removed.
 */
export function cleanAt(directory: number, fifodir: string | CPath, name: string): number {
  using listing = new Descriptor(openOwnDirectory(directory, fifodir));
  return cleanOpen(listing.fd, name);
}

/**
 * Removes the FIFOs that no process reads from a fifodir that has just been opened.
 *
 * @param listing The fifodir.
 * @param name What to call it in an error.
 * @returns How many were removed.
 */
export function cleanOpen(listing: number, name: string): number {
  let removed = 0;
  eachName(listing, name, (entry, type) => {
    if (!isListener(entry, LISTENER_KIND.length) || !maybeFifo(type)) return;
    const fd = tryOpen(listing, entry, Open.WRITE | Open.NONBLOCK | Open.NOFOLLOW);
    if (fd >= 0) close(fd);
    else if (fd === -Errno.ENXIO && unlink(listing, entry)) removed++;
  }, LISTENER_INITIAL);
  return removed;
}

/**
 * Removes from a fifodir the FIFOs of listeners that are gone.
 *
 * Follows s6's `s6-cleanfifodir`.
 *
 * Permissions: `ffi`.
 *
 * @param fifodir Path of the fifodir.
 * @returns How many were removed.
 * @throws {SystemError} when the fifodir can't be read or written.
 *
 * @example
 * ```ts
 * import { cleanFifodir, makeFifodir } from "@sv/supervise";
 *
 * const fifodir = Deno.makeTempDirSync() + "/event";
 * makeFifodir(fifodir);
 * console.log(cleanFifodir(fifodir)); // 0
 * ```
 */
export function cleanFifodir(fifodir: string): number {
  return cleanAt(CWD, fifodir, `the fifodir ${fifodir}`);
}
