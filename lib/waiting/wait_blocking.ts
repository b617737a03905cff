import type { Listener } from "../fifodir/listener.ts";
import { waitReadable } from "../os/descriptor.ts";

/** Something that listeners feed until it has had enough. */
export interface Hearer {
  /** Takes what a listener received. */
  receive(index: number, events: Uint8Array<ArrayBuffer>): void;
  /** Whether it has had enough. */
  readonly done: boolean;
}

/** A time limit that starts now, for {@linkcode waitBlocking}; 0 is none. */
export function deadlineAfter(milliseconds: number): number {
  return milliseconds === 0 ? Infinity : performance.now() + milliseconds;
}

/**
 * Waits for events, doing nothing else: this program's other tasks stand still.
 *
 * @param deadline From {@linkcode deadlineAfter}.
 * @returns false when the time was up before.
 */
export function waitBlocking(
  listeners: readonly Listener[],
  hearer: Hearer,
  deadline: number,
): boolean {
  const fds = listeners.map(({ fd }) => fd);
  while (!hearer.done) {
    const left = deadline - performance.now();
    if (left <= 0) return false;
    waitReadable(fds, left).forEach((readable, index) => {
      if (readable && !hearer.done) hearer.receive(index, listeners[index]!.read());
    });
  }
  return true;
}
