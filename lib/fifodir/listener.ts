import { wallClock } from "../os/clock.ts";
import { close, CWD, Open, open, tryRead } from "../os/file.ts";
import { chmod, mkfifo, rename, unlink } from "../os/path.ts";
import { Errno, SystemError } from "../os/system_error.ts";
import { formatTai64n } from "../tai/tai64n.ts";
import { cleanFifodir } from "./clean.ts";

const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function randomCharacters(count: number): string {
  return Array.from(
    crypto.getRandomValues(new Uint8Array(count)),
    (byte) => ALPHABET[byte % ALPHABET.length],
  ).join("");
}

/** Forgets listeners that were killed: where no events come, nobody else would. */
function tidy(fifodir: string): void {
  try {
    cleanFifodir(fifodir);
  } catch {
    // Who may listen somewhere need not be allowed to see, or to remove, what others have there.
  }
}

/** Removes what may never have been made. That this fails, too, is not what went wrong. */
function discard(path: string): void {
  try {
    unlink(CWD, path);
  } catch {
    // There, or on the way there, is what the caller complains about.
  }
}

/**
 * A listener's FIFO in a fifodir. From its construction on no event is missed; what was sent is
 * taken by {@linkcode Listener.read}. Disposing of it removes the FIFO.
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
    const name = `ftrig1:${formatTai64n(wallClock())}:${randomCharacters(6)}`;
    const hidden = `${fifodir}/.${name}`;
    this.#path = `${fifodir}/${name}`;
    const opened: number[] = [];
    tidy(fifodir);
    try {
      mkfifo(CWD, hidden, 0o622);
      chmod(CWD, hidden, 0o622);
      opened.push(open(CWD, hidden, Open.READ | Open.NONBLOCK));
      // With a writer of its own the FIFO never comes to its end.
      opened.push(open(CWD, hidden, Open.WRITE | Open.NONBLOCK));
      // Only now can notifiers see it: from its first moment it has a reader.
      rename(CWD, hidden, this.#path);
    } catch (error) {
      opened.forEach(close);
      discard(hidden);
      throw error instanceof SystemError
        ? new SystemError(`listen to ${fifodir}`, error.errno)
        : error;
    }
    this.fd = opened[0]!;
    this.#writer = opened[1]!;
  }

  /** The events that have come since the last call; empty where there are none. */
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
