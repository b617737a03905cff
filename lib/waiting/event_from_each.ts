import type { Wait } from "./wait.ts";

/** A wait until every source has received an event. */
export class EventFromEach implements Wait {
  readonly #event: number;
  readonly #missing: Set<number>;

  /**
   * @param count The number of sources.
   * @param event The event, one byte.
   */
  constructor(count: number, event: number) {
    this.#event = event;
    this.#missing = new Set(Array(count).keys());
  }

  /** The indices of the sources that have not received the event yet, in order. */
  get missing(): readonly number[] {
    return [...this.#missing];
  }

  /** Takes the events that a source has received. */
  receive(index: number, events: Uint8Array): void {
    if (events.includes(this.#event)) this.#missing.delete(index);
  }

  /** Whether every source has received the event. */
  get done(): boolean {
    return this.#missing.size === 0;
  }
}
