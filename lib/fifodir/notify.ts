import {
  close,
  type CPath,
  CWD,
  Descriptor,
  Open,
  open,
  readNames,
  tryOpen,
  tryWrite,
  unlink,
} from "../os/file.ts";
import { Errno } from "../os/system_error.ts";
import { isListener } from "./names.ts";

/** Sends bytes to every listener of a fifodir that is given as an open directory's entry. */
export function notifyAt(
  directory: number,
  fifodir: string | CPath,
  events: Uint8Array<ArrayBuffer>,
  name: string,
): number {
  using listing = new Descriptor(open(directory, fifodir, Open.READ | Open.DIRECTORY));
  let told = 0;
  for (const entry of readNames(listing.fd, name)) {
    if (!isListener(entry)) continue;
    const fd = tryOpen(listing.fd, entry, Open.WRITE | Open.NONBLOCK);
    if (fd < 0) {
      if (fd === -Errno.ENXIO) unlink(listing.fd, entry);
      continue;
    }
    const count = tryWrite(fd, events);
    // A full FIFO is its reader's affair: the notifier never waits.
    if (count === -Errno.EPIPE) unlink(listing.fd, entry);
    close(fd);
    if (count === events.length) told++;
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
 * @param fifodir Path of the fifodir.
 * @param events The events: one byte each, as a string of characters below U+0100, or as bytes.
 * @returns How many listeners were told.
 * @throws {SystemError} when the fifodir can't be read.
 *
 * Permissions: `ffi`.
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
