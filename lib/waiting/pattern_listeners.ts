import { Listener } from "../fifodir/listener.ts";
import { Pattern } from "../os/pattern.ts";

/** Fifodirs that are listened to, each until its events, all taken together, match a pattern. */
export class PatternListeners implements Disposable {
  /** The listeners. */
  readonly listeners: readonly Listener[];
  readonly #any: boolean;
  readonly #stack = new DisposableStack();
  readonly #hearings: { readonly pattern: Pattern; heard: Uint8Array; matched: boolean }[] = [];

  /**
   * @param subjects Paths of the fifodirs, and for each an extended regular expression.
   * @param options One match is enough; default: all must match.
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

  /** Takes what a listener received. */
  receive(index: number, events: Uint8Array<ArrayBuffer>): void {
    const hearing = this.#hearings[index]!;
    if (hearing.matched) return;
    const heard = new Uint8Array(hearing.heard.length + events.length);
    heard.set(hearing.heard);
    heard.set(events, hearing.heard.length);
    hearing.heard = heard;
    hearing.matched = hearing.pattern.matches(heard);
  }

  /** What a listener has received so far. */
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
