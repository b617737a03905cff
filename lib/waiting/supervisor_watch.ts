import type { Listener } from "../fifodir/listener.ts";
import { waitReadable } from "../os/descriptor.ts";
import { close, CWD, Open, tryOpen } from "../os/file.ts";
import { fstat } from "../os/file_status.ts";
import { forgetClosings, watchClosings } from "../os/file_closings.ts";
import { Errno } from "../os/system_error.ts";
import { isSupervised } from "../servicedir/is_supervised.ts";
import { byteOf, ServiceEvent, SupervisePath } from "../servicedir/protocol.ts";
import type { Source } from "./wait.ts";

const SUPERVISED = byteOf(ServiceEvent.supervised);
const UNSUPERVISED = byteOf(ServiceEvent.unsupervised);

/**
 * The kernel tells that a file is closed, and releases the lock on it at once after that. These are the
 * milliseconds after which to look whether it has.
 */
const LOOKS = [0, 1, 2, 4, 8, 16];

/**
 * Learns of the end of a supervisor, of `sv` or of s6, that could not send its last event, because it was
 * killed: this source then stands in for it, and gives its last event.
 *
 * Only the supervisor reads its control FIFO, and the kernel reports the writing end of a FIFO as soon as
 * its last reader is gone. A user who may not write to the FIFO watches the locked file instead, which the
 * kernel closes when the supervisor ends.
 */
export class SupervisorWatch implements Source, Disposable {
  readonly #dir: string;
  readonly #listener: Listener;
  #descriptor: number | undefined;
  #byLock = false;
  #lost = false;
  #missing = false;

  /**
   * @param dir Path of the service directory.
   * @param listener Listens to its events.
   */
  constructor(dir: string, listener: Listener) {
    this.#dir = dir;
    this.#listener = listener;
  }

  /** The descriptor that tells of the supervisor's end; -1 while no supervisor is watched. */
  get fd(): number {
    return this.#lost ? -1 : this.#descriptor ?? -1;
  }

  /** Whether no supervisor was there when it was looked for, and none has come since. */
  get isMissing(): boolean {
    return this.#missing;
  }

  /** Begins to watch the supervisor, if there is one now. */
  begin(): void {
    if (this.#descriptor !== undefined) return;
    const path = `${this.#dir}/${SupervisePath.control}`;
    const fd = tryOpen(CWD, path, Open.WRITE | Open.NONBLOCK | Open.NOFOLLOW);
    this.#byLock = false;
    this.#missing = fd === -Errno.ENXIO || fd === -Errno.ENOENT;
    if (fd >= 0) {
      this.#descriptor = fd;
      // The owner of the service directory can put a plain file there, which is always ready.
      if (fstat(fd).type !== "fifo") this.#close();
    } else if (fd === -Errno.EACCES) this.#beginByLock();
  }

  #beginByLock(): void {
    this.#descriptor = watchClosings(`${this.#dir}/${SupervisePath.lock}`);
    this.#byLock = true;
    // A supervisor that comes later sends an event, and is watched then.
    if (this.#descriptor !== undefined && !this.#isSupervised()) this.#close();
  }

  #isSupervised(): boolean {
    try {
      return isSupervised(this.#dir);
    } catch {
      return false;
    }
  }

  /** Begins to watch a supervisor that has just sent the event of its start. */
  note(events: Uint8Array): void {
    if (events.includes(SUPERVISED)) this.begin();
  }

  /** Returns what the supervisor has sent before its end, and the event of its end. */
  read(): Uint8Array<ArrayBuffer> {
    if (this.#byLock && this.#lockIsHeld()) return new Uint8Array(0);
    this.#lost = true;
    return Uint8Array.of(...this.#listener.read(), UNSUPERVISED);
  }

  /** Whether the locked file was closed by another process, a second supervisor say. */
  #lockIsHeld(): boolean {
    forgetClosings(this.#descriptor!);
    return LOOKS.every((milliseconds) => {
      if (milliseconds > 0) waitReadable([], milliseconds);
      return this.#isSupervised();
    });
  }

  #close(): void {
    if (this.#descriptor !== undefined) close(this.#descriptor);
    this.#descriptor = undefined;
  }

  [Symbol.dispose](): void {
    this.#close();
    this.#lost = true;
  }
}
