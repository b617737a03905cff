import { close, Open, tryRead } from "../os/file.ts";
import { Priority, reactor } from "../os/reactor.ts";
import { Errno } from "../os/system_error.ts";
import { NEWLINE } from "../servicedir/protocol.ts";
import { reopenPipeEnd } from "../servicedir/survivor.ts";

/** The read buffer of all services: what is read is only searched for a newline. */
const buffer = new Uint8Array(4096);

/** How many reads a turn has: then the rest of the program gets its turn, however much is written. */
const READS_AT_ONCE = 16;

/** How many reads empty the largest pipe that a user can make. */
const READS_OF_A_PIPE = 256;

/** A standard descriptor that is a pipe is more likely a pipe to a logger. */
const LAST_STANDARD_DESCRIPTOR = 2;

/**
 * The supervisor's end of the pipe on which a daemon writes a newline when it is ready. All other
 * bytes mean nothing.
 */
export class NotificationPipe {
  /** The reading end, non-blocking. */
  readonly fd: number;
  readonly #receive: (name: "newline" | "closed") => void;
  #open = true;

  /**
   * @param fd The reading end; closed by {@linkcode NotificationPipe.close}.
   * @param receive Called for each read that contains a newline, and at the end of the pipe; it is
   *   to close the pipe then.
   */
  constructor(fd: number, receive: (name: "newline" | "closed") => void) {
    this.fd = fd;
    this.#receive = receive;
    reactor().watch(fd, Priority.Readiness, () => this.#read(READS_AT_ONCE));
  }

  /** Reads all that has come by now. Another process may write all the time, and is not waited for. */
  read(): void {
    this.#read(READS_OF_A_PIPE);
  }

  #read(most: number): void {
    for (let reads = 0; this.#open && reads < most; reads++) {
      const count = tryRead(this.fd, buffer);
      if (count === -Errno.EAGAIN) return;
      if (count <= 0) return this.#receive("closed");
      const newline = buffer.indexOf(NEWLINE);
      if (newline >= 0 && newline < count) this.#receive("newline");
    }
  }

  /** Closes it. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    reactor().unwatch(this.fd);
    close(this.fd);
  }
}

/**
 * Opens a reading end of the notification pipe of a daemon that runs already.
 *
 * @param pid The daemon, which still has the writing end if it is not ready.
 * @param fd The descriptor that it has as its writing end.
 * @returns undefined where that is no pipe.
 */
export function reopenNotification(pid: number, fd: number | undefined): number | undefined {
  if (fd === undefined || fd <= LAST_STANDARD_DESCRIPTOR) return undefined;
  // Only this end: the daemon may write its newline and close the pipe in the next moment.
  return reopenPipeEnd(pid, fd, Open.READ | Open.NONBLOCK);
}
