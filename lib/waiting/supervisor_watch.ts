import type { Listener } from "../fifodir/listener.ts";
import { close, CWD, Open, tryOpen } from "../os/file.ts";
import { byteOf, ServiceEvent, SupervisePath } from "../servicedir/protocol.ts";
import type { Source } from "./wait.ts";

const SUPERVISED = byteOf(ServiceEvent.supervised);
const UNSUPERVISED = byteOf(ServiceEvent.unsupervised);

/**
 * Learns of the end of a supervisor, of `sv` or of s6, that could not send its last event, because it was
 * killed.
 *
 * Only the supervisor reads its control FIFO. The kernel reports the writing end of a FIFO as soon as its
 * last reader is gone: this source then stands in for the supervisor, and gives its last event. It can't
 * where this user may not write to the FIFO.
 */
export class SupervisorWatch implements Source, Disposable {
  readonly #path: string;
  readonly #listener: Listener;
  #control: number | undefined;
  #lost = false;

  /**
   * @param dir Path of the service directory.
   * @param listener Listens to its events.
   */
  constructor(dir: string, listener: Listener) {
    this.#path = `${dir}/${SupervisePath.control}`;
    this.#listener = listener;
  }

  /** The writing end of the control FIFO; -1 while no supervisor is watched. */
  get fd(): number {
    return this.#lost ? -1 : this.#control ?? -1;
  }

  /** Begins to watch the supervisor, if there is one now. */
  begin(): void {
    if (this.#control !== undefined) return;
    const fd = tryOpen(CWD, this.#path, Open.WRITE | Open.NONBLOCK);
    if (fd >= 0) this.#control = fd;
  }

  /** Begins to watch a supervisor that has just sent the event of its start. */
  note(events: Uint8Array): void {
    if (events.includes(SUPERVISED)) this.begin();
  }

  /** Returns what the supervisor has sent before its end, and the event of its end. */
  read(): Uint8Array<ArrayBuffer> {
    this.#lost = true;
    return Uint8Array.of(...this.#listener.read(), UNSUPERVISED);
  }

  [Symbol.dispose](): void {
    if (this.#control !== undefined) close(this.#control);
    this.#control = undefined;
    this.#lost = true;
  }
}
