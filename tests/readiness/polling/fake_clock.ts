import type { PollClock } from "../../../lib/readiness/polling/poll_until_ready.ts";

/** A clock that only {@linkcode FakeClock.moveTo} moves. */
export class FakeClock implements PollClock {
  #now = 0;
  readonly #alarms: { readonly time: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  at(time: number, callback: () => void): () => void {
    const alarm = { time, callback };
    if (time !== Infinity) this.#alarms.push(alarm);
    return () => {
      const index = this.#alarms.indexOf(alarm);
      if (index >= 0) this.#alarms.splice(index, 1);
    };
  }

  /** The number of alarms that are set. */
  get pending(): number {
    return this.#alarms.length;
  }

  /** Moves on to a time, alarm by alarm, and lets the program take its turn after each. */
  async moveTo(time: number): Promise<void> {
    await this.#settle();
    for (;;) {
      const [next] = this.#alarms.filter((alarm) => alarm.time <= time)
        .sort((a, b) => a.time - b.time);
      if (next === undefined) break;
      this.#alarms.splice(this.#alarms.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.time);
      next.callback();
      await this.#settle();
    }
    this.#now = time;
    await this.#settle();
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}
