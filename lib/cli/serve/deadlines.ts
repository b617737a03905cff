/** What tells the time, and when it has passed. */
export interface DeadlineClock {
  readonly now: () => number;
  /** Calls back once, after this many milliseconds. */
  readonly after: (milliseconds: number, call: () => void) => Disposable;
}

/**
 * Deadlines of things that come and go often. Setting one costs nothing but a note, and while there are none, or
 * none is near, nothing wakes up.
 */
export class Deadlines<Thing> {
  readonly #clock: DeadlineClock;
  readonly #onPassed: (thing: Thing) => void;
  readonly #deadlines = new Map<Thing, number>();
  #timer: Disposable | undefined;
  #rings = Infinity;

  /** @param onPassed Called with each thing whose deadline has passed, which then has none. */
  constructor(clock: DeadlineClock, onPassed: (thing: Thing) => void) {
    this.#clock = clock;
    this.#onPassed = onPassed;
  }

  /** How many things have one. */
  get size(): number {
    return this.#deadlines.size;
  }

  /** Sets the deadline of a thing, in milliseconds from now. */
  set(thing: Thing, milliseconds: number): void {
    const deadline = this.#clock.now() + milliseconds;
    this.#deadlines.set(thing, deadline);
    if (deadline < this.#rings) this.#arm(deadline);
  }

  /** Takes the deadline from a thing. A timer that is set rings once more, for nothing: that is cheaper. */
  clear(thing: Thing): void {
    this.#deadlines.delete(thing);
  }

  #arm(deadline: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#rings = deadline;
    this.#timer = this.#clock.after(Math.max(deadline - this.#clock.now(), 0), () => this.#ring());
  }

  #ring(): void {
    this.#timer = undefined;
    this.#rings = Infinity;
    const now = this.#clock.now();
    const passed = [...this.#deadlines].filter(([, deadline]) => deadline <= now);
    for (const [thing] of passed) this.#deadlines.delete(thing);
    for (const [thing] of passed) this.#onPassed(thing);
    if (this.#deadlines.size > 0) this.#arm(Math.min(...this.#deadlines.values()));
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#rings = Infinity;
  }
}
