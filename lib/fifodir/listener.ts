import { wallClock } from "../os/clock.ts";
import { close, CWD, Descriptor, Open, open, tryRead } from "../os/file.ts";
import { openOwnDirectory } from "../os/open_own.ts";
import { mkfifo, rename, unlink } from "../os/path.ts";
import { withoutUmask } from "../os/umask.ts";
import { Errno, isErrno, SystemError } from "../os/system_error.ts";
import { cleanOpen } from "./clean.ts";
import { newListenerName } from "./names.ts";

/** The mode of a listener's FIFO: a notifier of any user may write. */
const FIFO_MODE = 0o622;

/**
 * Opens a fifodir, and removes the FIFOs of listeners that were killed: in a fifodir without events no
 * notifier does.
 */
function openFifodir(fifodir: string): Descriptor {
  let fd: number;
  try {
    fd = openOwnDirectory(CWD, fifodir);
  } catch (error) {
    if (!isErrno(error, Errno.EACCES)) throw error;
    // A process that may listen here need not be allowed to list the FIFOs.
    return new Descriptor(openOwnDirectory(CWD, fifodir, Open.PATH));
  }
  try {
    cleanOpen(fd, fifodir);
  } catch {
    // Nor need it be allowed to remove those of others.
  }
  return new Descriptor(fd);
}

/** Removes a FIFO that may not have been made. An error of this is not the error to report. */
function discard(directory: number, name: string): void {
  try {
    unlink(directory, name);
  } catch {
    // The caller throws the error that came first.
  }
}

/**
 * A listener's FIFO in a fifodir. From its construction on no event is missed;
 * {@linkcode Listener.read} returns those that have come. Disposing of it removes the FIFO.
 */
export class Listener implements Disposable {
  /** The reading end, non-blocking: readable when events have come. */
  readonly fd: number;
  readonly #path: string;
  readonly #writer: number;
  readonly #buffer = new Uint8Array(4096);
  #closed = false;

  /** @param fifodir Path of the fifodir. */
  constructor(fifodir: string) {
    const name = newListenerName(wallClock());
    const hidden = `.${name}`;
    this.#path = `${fifodir}/${name}`;
    const opened: number[] = [];
    try {
      using directory = openFifodir(fifodir);
      const { fd } = directory;
      try {
        withoutUmask(() => mkfifo(fd, hidden, FIFO_MODE));
        opened.push(open(fd, hidden, Open.READ | Open.NONBLOCK | Open.NOFOLLOW));
        // With this writer the FIFO never reports end of file.
        opened.push(open(fd, hidden, Open.WRITE | Open.NONBLOCK | Open.NOFOLLOW));
        // Notifiers see it only now, when it has its reader: else they would take it for stale.
        rename(fd, hidden, name);
      } catch (error) {
        discard(fd, hidden);
        throw error;
      }
    } catch (error) {
      opened.forEach(close);
      throw error instanceof SystemError
        ? new SystemError(`listen to ${fifodir}`, error.errno)
        : error;
    }
    this.fd = opened[0]!;
    this.#writer = opened[1]!;
  }

  /** Returns the events that have come since the last call; empty where there are none. */
  read(): Uint8Array<ArrayBuffer> {
    const count = tryRead(this.fd, this.#buffer);
    if (count === -Errno.EAGAIN) return new Uint8Array(0);
    if (count < 0) throw new SystemError(`read events from ${this.#path}`, -count);
    return this.#buffer.slice(0, count);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    unlink(CWD, this.#path);
    close(this.fd);
    close(this.#writer);
  }
}
