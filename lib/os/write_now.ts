import { canWrite } from "./descriptor.ts";
import { close, CWD, Open, tryOpen, tryWrite } from "./file.ts";
import { fstat } from "./file_status.ts";
import { libc } from "./libc.ts";

const O_NOCTTY = 0o400;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;

/** A pipe that poll(2) calls writable takes this many bytes at once. */
const PIPE_BUF = 4096;

/**
 * Writes to a descriptor that other processes may share, if that is possible without waiting. The
 * descriptor stays blocking, because O_NONBLOCK would hold for the other processes, too.
 *
 * @param fd The descriptor.
 * @param bytes What to write. Of more than 4096 bytes a part may be lost.
 * @returns Whether anything was written.
 */
export function tryWriteNow(fd: number, bytes: Uint8Array<ArrayBuffer>): boolean {
  if (!canWrite(fd)) return false;
  const { type } = fstat(fd);
  if (type === "socket") {
    return libc.send(fd, bytes, BigInt(bytes.length), MSG_DONTWAIT | MSG_NOSIGNAL) > 0;
  }
  if (type !== "fifo") return tryWrite(fd, bytes) > 0;
  // Another process may fill the pipe just now: only a descriptor of its own doesn't wait then. It is
  // open for an instant, because the reader of the pipe may wait for the end of the last writer.
  const own = tryOpen(CWD, `/proc/self/fd/${fd}`, Open.WRITE | Open.NONBLOCK | O_NOCTTY);
  if (own < 0) return tryWrite(fd, bytes.subarray(0, PIPE_BUF)) > 0;
  const count = tryWrite(own, bytes);
  close(own);
  return count > 0;
}
