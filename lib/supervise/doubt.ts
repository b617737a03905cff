import type { Deaths } from "../os/spawn/deaths.ts";
import { ControlCommand } from "../servicedir/protocol.ts";
import type { Input } from "./machine.ts";

/** The commands that say whether the service shall be up. */
const WANTS: ReadonlySet<string> = new Set([
  ControlCommand.up,
  ControlCommand.down,
  ControlCommand.once,
  ControlCommand.atMostOnce,
  ControlCommand.upForever,
  ControlCommand.downForever,
]);

/** The processes of which one may be the service's: a service never runs twice. */
export class Doubt {
  readonly #watches = new Map<number, Disposable>();

  /** The processes that have not died yet. */
  get pids(): number[] {
    return [...this.#watches.keys()];
  }

  /** Reports such processes. */
  report(pids: readonly number[], report: (message: string) => void): void {
    if (pids.length === 0) return;
    report(
      `warning: a supervisor was killed while it started the service, and process ${
        pids.join(", ")
      } may be the service's: not starting it before that ends; use sv control -u to start it now`,
    );
  }

  /**
   * Waits until such processes have died.
   *
   * @param pids The processes.
   * @param deaths Learns of the deaths.
   * @param onEnd Called when all have died, unless the doubt ends before.
   */
  await(pids: readonly number[], deaths: Deaths, onEnd: () => void): void {
    for (const pid of pids) {
      const watch = deaths.watch({ pid, foreign: true }, () => {
        this.#watches.delete(pid);
        if (this.#watches.size === 0) onEnd();
      });
      this.#watches.set(pid, watch);
    }
  }

  /** Ends the doubt at a command that says whether the service shall be up. */
  resolve({ name }: Input): void {
    if (WANTS.has(name)) this.end();
  }

  /** Ends the doubt. */
  end(): void {
    for (const watch of this.#watches.values()) watch[Symbol.dispose]();
    this.#watches.clear();
  }
}
