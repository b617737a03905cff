import { eachName } from "../os/directory.ts";
import { close, CWD, Open, open, tryOpen, tryWrite } from "../os/file.ts";
import type { CPath } from "../os/os_string.ts";
import { unlink } from "../os/path.ts";
import { Errno } from "../os/system_error.ts";
import { isListener, LISTENER_INITIAL } from "./names.ts";

/** Sends bytes to every listener of a fifodir that is given as an open directory's entry. */
export function notifyAt(
  directory: number,
  fifodir: string | CPath,
  events: Uint8Array<ArrayBuffer>,
  name: string,
): number {
  const listing = open(directory, fifodir, Open.READ | Open.DIRECTORY);
  let told = 0;
  try {
    eachName(listing, name, (entry) => {
      if (!isListener(entry)) return;
      // A listener makes no symbolic links; who does would have others' files written to.
      const fd = tryOpen(listing, entry, Open.WRITE | Open.NONBLOCK | Open.NOFOLLOW);
      if (fd < 0) {
        if (fd === -Errno.ENXIO) unlink(listing, entry);
        return;
      }
      const count = tryWrite(fd, events);
      close(fd);
      // A full FIFO is its reader's affair: the notifier never waits.
      if (count === -Errno.EPIPE) unlink(listing, entry);
      if (count === events.length) told++;
    }, LISTENER_INITIAL);
  } finally {
    close(listing);
  }
  return told;
}

/**
 * Sends events to everybody who listens to a fifodir.
 *
 * A listener that is gone is forgotten: its FIFO is removed. One that does not read what it is sent
 * misses the events; the notifier never waits.
 *
 * Follows s6's `ftrigw_notify` and `s6-ftrig-notify`.
 *
 * Permissions: `ffi`.
 *
 * @param fifodir Path of the fifodir.
 * @param events The events: one byte each, as a string of characters below U+0100, or as bytes.
 * @returns How many listeners were told.
 * @throws {SystemError} when the fifodir can't be read.
 *
 * @example
 * ```ts
 * import { makeFifodir, notify } from "@sv/supervise";
 *
 * const fifodir = Deno.makeTempDirSync() + "/event";
 * makeFifodir(fifodir);
 * console.log(notify(fifodir, "U")); // 0: nobody listens
 * ```
 */
export function notify(fifodir: string, events: string | Uint8Array<ArrayBuffer>): number {
  const bytes = typeof events === "string"
    ? Uint8Array.from(events, (character) => character.charCodeAt(0))
    : events;
  return notifyAt(CWD, fifodir, bytes, `the fifodir ${fifodir}`);
}
