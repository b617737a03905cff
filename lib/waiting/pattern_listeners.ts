import { Listener } from "../fifodir/listener.ts";
import { Pattern } from "../os/pattern.ts";
import type { Wait } from "./wait.ts";

/** How many events of a fifodir are kept: anyone may send without end. */
const MOST_EVENTS = 65_536;

/** What has been heard in a fifodir. */
interface Hearing {
  /** What is looked for. */
  readonly pattern: Pattern;
  /** The last events. */
  heard: Uint8Array;
  /** Whether there were events before these: then `^` matches nowhere. */
  begun: boolean;
  /** Whether the pattern has matched. */
  matched: boolean;
}

/**
 * Waits until the events of fifodirs match patterns. Of each fifodir all events since the start are
 * matched together, as one string; of more than 65,536 only the last.
 */
export class PatternListeners implements Wait, Disposable {
  /** The listeners, one for each fifodir: what this wait is fed from. */
  readonly listeners: readonly Listener[];
  readonly #any: boolean;
  readonly #stack = new DisposableStack();
  readonly #hearings: Hearing[] = [];

  /**
   * Begins to listen.
   *
   * @param subjects Paths of the fifodirs, and for each an extended regular expression.
   * @param options With `any`, one match is enough; without, all patterns must match.
   */
  constructor(
    subjects: readonly { fifodir: string; pattern: string }[],
    options: { readonly any?: boolean } = {},
  ) {
    this.#any = options.any ?? false;
    try {
      this.listeners = subjects.map(({ fifodir, pattern }) => {
        const compiled = this.#stack.use(new Pattern(pattern));
        this.#hearings.push({
          pattern: compiled,
          heard: new Uint8Array(0),
          begun: false,
          matched: false,
        });
        return this.#stack.use(new Listener(fifodir));
      });
    } catch (error) {
      this.#stack.dispose();
      throw error;
    }
  }

  receive(index: number, events: Uint8Array<ArrayBuffer>): void {
    const hearing = this.#hearings[index]!;
    if (hearing.matched) return;
    const excess = Math.max(hearing.heard.length + events.length - MOST_EVENTS, 0);
    const kept = hearing.heard.subarray(excess);
    const heard = new Uint8Array(kept.length + events.length);
    heard.set(kept);
    heard.set(events, kept.length);
    hearing.heard = heard;
    hearing.begun ||= excess > 0;
    hearing.matched = hearing.pattern.matches(heard, false, hearing.begun);
  }

  /** Returns the events that a listener has received so far: all, or the last of very many. */
  heard(index: number): Uint8Array {
    return this.#hearings[index]!.heard;
  }

  /** Whether enough patterns have matched. */
  get done(): boolean {
    const matched = ({ matched }: { matched: boolean }) => matched;
    return this.#any ? this.#hearings.some(matched) : this.#hearings.every(matched);
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }
}
