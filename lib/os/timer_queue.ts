/** A pending call. Disposing of it takes it back. */
export interface Timer extends Disposable {
  /** When it is due, on the monotonic clock, in milliseconds. */
  readonly deadline: number;
}

interface PendingTimer extends Timer {
  readonly callback: () => void;
}

/** Pending calls in the order of their deadlines; of equal deadlines, in the order of their making. */
export class TimerQueue {
  readonly #timers: PendingTimer[] = [];

  /** Whether no call is pending. */
  get empty(): boolean {
    return this.#timers.length === 0;
  }

  /** The first deadline; Infinity where no call is pending. */
  get deadline(): number {
    return this.#timers[0]?.deadline ?? Infinity;
  }

  /**
   * Adds a call.
   *
   * @param deadline When it is due.
   * @param callback The call.
   * @param onDisposed Is called when the call was taken back while it was pending.
   */
  add(deadline: number, callback: () => void, onDisposed: () => void): Timer {
    const timers = this.#timers;
    const timer: PendingTimer = {
      deadline,
      callback,
      [Symbol.dispose]: () => {
        const index = timers.indexOf(timer);
        if (index < 0) return;
        timers.splice(index, 1);
        onDisposed();
      },
    };
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (timers[middle]!.deadline <= deadline) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
    return timer;
  }

  /** Takes the first call that is due by `now`; undefined where none is. */
  takeDue(now: number): (() => void) | undefined {
    return this.deadline <= now ? this.#timers.shift()?.callback : undefined;
  }
}
