/** Something that readers are told. */
export interface RingEvent {
  /** Its number; each event has the next one. */
  readonly number: number;
  readonly text: string;
}

/** How much is kept. */
export interface RingLimits {
  readonly events: number;
  /** Characters of all texts together. */
  readonly characters: number;
}

/** The last events, so that a reader whose connection broke can go on where it stopped. Pure. */
export class EventRing {
  readonly #limits: RingLimits;
  readonly #events: RingEvent[] = [];
  #characters = 0;
  #last = 0;

  /** @param limits What is kept at most. */
  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** The number of the last event; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Adds an event, and forgets old ones. */
  add(text: string): RingEvent {
    const event = { number: ++this.#last, text };
    this.#events.push(event);
    this.#characters += text.length;
    const { characters, events } = this.#limits;
    let many = 0;
    while (this.#events.length - many > events || this.#characters > characters) {
      this.#characters -= this.#events[many++]!.text.length;
    }
    if (many > 0) this.#events.splice(0, many);
    return event;
  }

  /** Returns what came after an event; undefined where some of that is forgotten, or the event is to come. */
  after(number: number): readonly RingEvent[] | undefined {
    const missing = this.#last - number;
    if (missing < 0 || missing > this.#events.length) return undefined;
    return this.#events.slice(this.#events.length - missing);
  }
}
