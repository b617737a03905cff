import { Signal } from "../../os/signal.ts";
import { receiveSignals } from "../../os/signal_state.ts";

/** Aborts its signal when this process gets SIGINT or SIGTERM. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = new DisposableStack();

  /** @param say Prints a message. */
  constructor(say: (message: string) => void) {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      const listener = () => {
        say(`received ${name}: ending what is under way, and beginning nothing new`);
        this.#controller.abort();
      };
      Deno.addSignalListener(name, listener);
      this.#listeners.defer(() => Deno.removeSignalListener(name, listener));
    }
    receiveSignals([Signal.INT, Signal.TERM, Signal.CHLD]);
  }

  /** Aborted when the signal has come. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#listeners.dispose();
  }
}
