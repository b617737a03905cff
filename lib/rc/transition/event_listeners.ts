import { Listener } from "../../fifodir/listener.ts";
import { reactor } from "../../os/reactor.ts";

/** How many listeners are made at once, before the reactor serves other things. */
const BATCH = 16;

/** The listeners to the events of longruns, by node: made when they are needed, or in advance. */
export class EventListeners implements Disposable {
  readonly #fifodirOf: (node: number) => string;
  readonly #listeners = new Map<number, Listener>();
  #preparing: Disposable | undefined;

  /** @param fifodirOf Returns the fifodir of a node. */
  constructor(fifodirOf: (node: number) => string) {
    this.#fifodirOf = fifodirOf;
  }

  /** Returns the listener of a node; makes it where there is none yet. */
  get(node: number): Listener {
    let listener = this.#listeners.get(node);
    if (listener === undefined) {
      listener = new Listener(this.#fifodirOf(node));
      this.#listeners.set(node, listener);
    }
    return listener;
  }

  /**
   * Makes listeners in advance, a few at a time, while the reactor serves other things.
   *
   * @param nodes The nodes that will need one.
   * @param isWaiting Tells whether a node has still to be changed.
   */
  prepare(nodes: readonly number[], isWaiting: (node: number) => boolean): void {
    if (nodes.length === 0) return;
    for (const node of nodes.slice(0, BATCH)) {
      if (!isWaiting(node)) continue;
      try {
        this.get(node);
      } catch {
        // The change of the service tries again, and reports the error.
      }
    }
    this.#preparing = reactor().after(0, () => this.prepare(nodes.slice(BATCH), isWaiting));
  }

  /** Removes the listener of a node, if there is one. */
  release(node: number): void {
    this.#listeners.get(node)?.[Symbol.dispose]();
    this.#listeners.delete(node);
  }

  /** Removes all listeners, and makes no others. */
  [Symbol.dispose](): void {
    this.#preparing?.[Symbol.dispose]();
    for (const node of [...this.#listeners.keys()]) this.release(node);
  }
}
