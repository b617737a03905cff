import { eachName } from "../os/directory.ts";
import { close, CWD, Descriptor, Open, open, tryOpen } from "../os/file.ts";
import type { CPath } from "../os/os_string.ts";
import { unlink } from "../os/path.ts";
import { Errno } from "../os/system_error.ts";
import { isListener, LISTENER_INITIAL, LISTENER_KIND } from "./names.ts";

/**
 * Removes from a fifodir the FIFOs that no process reads.
 *
 * @param directory The directory the fifodir is in, open; or `CWD`.
 * @param fifodir The fifodir's path there.
 * @param name What to call it in an error.
 * @returns How many were removed.
 */
export function cleanAt(directory: number, fifodir: string | CPath, name: string): number {
  using listing = new Descriptor(open(directory, fifodir, Open.READ | Open.DIRECTORY));
  let removed = 0;
  eachName(listing.fd, name, (entry) => {
    if (!isListener(entry, LISTENER_KIND.length)) return;
    const fd = tryOpen(listing.fd, entry, Open.WRITE | Open.NONBLOCK);
    if (fd >= 0) close(fd);
    else if (fd === -Errno.ENXIO && unlink(listing.fd, entry)) removed++;
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
