/**
 * When the main thread may sleep on the reactor's epoll descriptor.
 *
 * The runtime's event loop can't watch a descriptor, so a thread of its pool waits for the reactor's.
 * That costs two more wake-ups for each event than waiting on the main thread: twice the latency. So,
 * for two seconds after each event, the main thread itself sleeps there. The runtime's own epoll
 * descriptors are nested in the reactor's, so that signals, the deaths of children and the results of
 * threads end the sleep.
 *
 * Remove when Deno's event loop can watch a descriptor (denoland/deno#6529).
 *
 * @module
 */

import { monotonicClock } from "../clock.ts";
import { waitReadable } from "../descriptor.ts";
import { CWD } from "../file.ts";
import { openDescriptors } from "../open_descriptors.ts";
import { readLink } from "../path.ts";

/** How long the main thread is watchful after an event, in milliseconds. */
const WATCHFUL = 2000;

/** Half of the first sleep after an event, in milliseconds. */
const SHORTEST_NAP = 5;

/**
 * Upper bound on microtask turns between a result of the runtime's and its callback (measured: 2, for a
 * child's status, Deno 2.9).
 */
const CALLBACK_HOPS = 50;

function descriptors(): number[] {
  try {
    return openDescriptors();
  } catch {
    return [];
  }
}

/** Returns the epoll descriptors of this process; none where /proc is not mounted. */
function epollDescriptors(): number[] {
  return descriptors().filter((fd) => {
    try {
      return readLink(CWD, `/proc/self/fd/${fd}`) === "anon_inode:[eventpoll]";
    } catch {
      return false;
    }
  });
}

/** Decides how long the main thread may sleep. */
export class Parking {
  #runtime: readonly number[] = [];
  /** Until when the next event is likely to come soon, on the monotonic clock. */
  #watchful = 0;
  #stirred = false;
  #nap = SHORTEST_NAP;
  #holds = 0;

  /**
   * Allows sleeping from now on.
   *
   * @param own The reactor's epoll descriptor.
   * @returns The runtime's epoll descriptors, which the reactor must watch.
   */
  begin(own: number): readonly number[] {
    this.#runtime = epollDescriptors().filter((fd) => fd !== own);
    this.stir();
    return this.#runtime;
  }

  /** Whether sleeping is allowed, and an event was less than two seconds ago. */
  get watchful(): boolean {
    return this.#runtime.length > 0 && monotonicClock() < this.#watchful;
  }

  /**
   * Forbids sleeping while something is under way that needs the runtime's timers.
   *
   * @returns what ends that.
   */
  hold(): Disposable {
    let held = true;
    this.#holds++;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#holds--;
        held = false;
      },
    };
  }

  /** Notes an event. More may be under way in the runtime, which gets another turn before a sleep. */
  stir(): void {
    if (this.#runtime.length === 0) return;
    this.#stirred = true;
    this.#nap = SHORTEST_NAP;
    this.#watchful = monotonicClock() + WATCHFUL;
  }

  /**
   * Returns how long the main thread may sleep, in milliseconds, after a turn of the runtime's without
   * an event; 0 where it may not.
   *
   * Deno may have callbacks queued behind the one that called this: they run first. A result that
   * reaches Deno at the end of its turn is looked at in its next turn only, and a sleep that begins
   * between the two delays it. So the first sleep is short, and each is twice as long as the one before.
   */
  async sleepingTime(): Promise<number> {
    this.#stirred = false;
    for (let hop = 0; hop < CALLBACK_HOPS; hop++) await undefined;
    if (this.#stirred || this.#holds > 0 || waitReadable(this.#runtime, 0).includes(true)) return 0;
    const left = Math.ceil(this.#watchful - monotonicClock());
    this.#nap *= 2;
    return Math.max(Math.min(left, this.#nap), 0);
  }
}
