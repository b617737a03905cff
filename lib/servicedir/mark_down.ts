import { close, Open, tryOpen } from "../os/file.ts";
import { Errno, SystemError } from "../os/system_error.ts";

/** What open(2) says of a FIFO without a reader, a link and a directory. */
const IS_THERE = new Set<number>([Errno.ENXIO, Errno.ELOOP, Errno.EISDIR]);

/**
 * Makes a file `down`, and empties one that is there. Only its presence counts: a file of another type
 * stays as it is, and a FIFO is not waited for.
 *
 * @param at The directory that the path is relative to, open; or `CWD`.
 * @param path The path.
 */
export function markDown(at: number, path: string): void {
  const flags = Open.WRITE | Open.CREATE | Open.TRUNCATE | Open.NONBLOCK | Open.NOFOLLOW;
  const fd = tryOpen(at, path, flags);
  if (fd >= 0) close(fd);
  else if (!IS_THERE.has(-fd)) throw new SystemError(`open ${path} for writing`, -fd);
}
