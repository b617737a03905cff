import { Listener } from "../fifodir/listener.ts";
import { Pattern } from "../os/pattern.ts";
import type { Wait } from "./wait.ts";

/**
 * Waits until the events of fifodirs match patterns. Of each fifodir all events since the start are
 * matched together, as one string.
 */
export class PatternListeners implements Wait, Disposable {
  /** The listeners, one for each fifodir: what this wait is fed from. */
  readonly listeners: readonly Listener[];
  readonly #any: boolean;
  readonly #stack = new DisposableStack();
  readonly #hearings: { readonly pattern: Pattern; heard: Uint8Array; matched: boolean }[] = [];

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
        this.#hearings.push({ pattern: compiled, heard: new Uint8Array(0), matched: false });
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
    const heard = new Uint8Array(hearing.heard.length + events.length);
    heard.set(hearing.heard);
    heard.set(events, hearing.heard.length);
    hearing.heard = heard;
    hearing.matched = hearing.pattern.matches(heard);
  }

  /** Returns all events that a listener has received so far. */
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
