import { eachName } from "../os/directory.ts";
import { close, CWD, Open, open, tryOpen, tryWrite } from "../os/file.ts";
import type { CPath } from "../os/os_string.ts";
import { unlink } from "../os/path.ts";
import { Errno } from "../os/system_error.ts";
import { isListener, LISTENER_INITIAL, maybeFifo } from "./names.ts";

/** Returns the bytes of events that are given as characters below U+0100. */
export function eventBytes(events: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(events, (character) => character.charCodeAt(0));
}

/**
 * Sends events to every listener of a fifodir.
 *
 * @param directory The directory the fifodir is in, open; or `CWD`.
 * @param fifodir The fifodir's path there.
 * @param events The events.
 * @param name What to call the fifodir in an error.
 * @returns How many listeners got them.
 */
export function notifyAt(
  directory: number,
  fifodir: string | CPath,
  events: Uint8Array<ArrayBuffer>,
  name: string,
): number {
  const listing = open(directory, fifodir, Open.READ | Open.DIRECTORY);
  let reached = 0;
  try {
    eachName(listing, name, (entry, type) => {
      if (!isListener(entry) || !maybeFifo(type)) return;
      // A symbolic link is never a listener's: it would lead the notifier to write into any file.
      const fd = tryOpen(listing, entry, Open.WRITE | Open.NONBLOCK | Open.NOFOLLOW);
      if (fd < 0) {
        if (fd === -Errno.ENXIO) unlink(listing, entry);
        return;
      }
      const count = tryWrite(fd, events);
      close(fd);
      // EAGAIN: the FIFO is full, and this listener misses the events. The notifier never waits.
      if (count === -Errno.EPIPE) unlink(listing, entry);
      if (count === events.length) reached++;
    }, LISTENER_INITIAL);
  } finally {
    close(listing);
  }
  return reached;
}

/**
 * Sends events to all listeners of a fifodir.
 *
 * The FIFO of a listener that is gone is removed. A listener whose FIFO is full misses the events;
 * the notifier never waits.
 *
 * Follows s6's `ftrigw_notify` and `s6-ftrig-notify`.
 *
 * Permissions: `ffi`.
 *
 * @param fifodir Path of the fifodir.
 * @param events The events: one byte each, as a string of characters below U+0100, or as bytes.
 * @returns How many listeners got them.
 * @throws {SystemError} when the fifodir can't be read.
 *
 * @example
 * ```ts
 * import { makeFifodir, notify } from "@sv/supervise";
 *
 * const fifodir = Deno.makeTempDirSync() + "/event";
 * makeFifodir(fifodir);
 * console.log(notify(fifodir, "U")); // 0: there are no listeners
 * ```
 */
export function notify(fifodir: string, events: string | Uint8Array<ArrayBuffer>): number {
  const bytes = typeof events === "string" ? eventBytes(events) : events;
  return notifyAt(CWD, fifodir, bytes, `the fifodir ${fifodir}`);
}
