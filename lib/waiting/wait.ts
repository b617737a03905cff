/**
 * Waiting, apart from how time passes: what is waited for, where it comes from, and how it ends.
 *
 * Two clocks drive a wait, and both only call {@linkcode feed}: `waitBlocking` sleeps in poll(2), for
 * commands that do nothing else and shall not load the reactor; `waitOnReactor` gets callbacks of the
 * reactor, for the library and for `sv rc`, where many waits go on at the same time.
 *
 * @module
 */

import { monotonicClock } from "../os/clock.ts";

/** What a wait is fed from: a listener, a pipe, a socket. */
export interface Source<Received = Uint8Array<ArrayBuffer>> {
  /** The descriptor that becomes readable when something has come; -1 while there is none. */
  readonly fd: number;
  /** Takes what has come. Called only when the descriptor is readable. */
  read(): Received;
}

/** Something that is waited for: it is fed from sources until it is done. */
export interface Wait<Received = Uint8Array<ArrayBuffer>> {
  /** Takes what the source of that index has received. */
  receive(index: number, received: Received): void;
  /** Whether the wait is over: its goal is reached, or impossible. */
  readonly done: boolean;
}

/** How a wait ended. */
export type Ending =
  /** The wait is done. */
  | { readonly how: "done" }
  /** The deadline came first. */
  | { readonly how: "timed out" }
  /** A source could not be read. */
  | { readonly how: "failed"; readonly error: unknown };

const DONE: Ending = { how: "done" };
const TIMED_OUT: Ending = { how: "timed out" };

/**
 * Feeds a wait from those of its sources that are readable, and decides whether that ends it.
 *
 * @param sources All sources of the wait.
 * @param wait The wait.
 * @param readable The indices of the readable sources.
 * @param late Whether the deadline has passed.
 * @returns undefined while the wait goes on.
 */
export function feed<Received>(
  sources: readonly Source<Received>[],
  wait: Wait<Received>,
  readable: Iterable<number>,
  late: boolean,
): Ending | undefined {
  try {
    for (const index of readable) {
      if (wait.done) break;
      wait.receive(index, sources[index]!.read());
    }
  } catch (error) {
    return { how: "failed", error };
  }
  if (wait.done) return DONE;
  return late ? TIMED_OUT : undefined;
}

/** Returns the deadline of a time limit that starts now, in milliseconds; 0 means no limit. */
export function deadlineAfter(milliseconds: number): number {
  return milliseconds === 0 ? Infinity : monotonicClock() + milliseconds;
}

/** Returns the milliseconds that are left until a deadline on the monotonic clock. */
export function timeLeft(deadline: number): number {
  return deadline === Infinity ? Infinity : deadline - monotonicClock();
}
