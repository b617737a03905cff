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

/** A warning names no more processes than this. */
const MOST_NAMED = 8;

/** The processes that services wait for, and what is called when they die: one watch for many services. */
const awaited = new Map<
  number,
  { readonly watch: Disposable; readonly callbacks: Set<() => void> }
>();

/** Calls back once when a process has died; disposing of the result ends the watch. */
function awaitDeath(pid: number, deaths: Deaths, callback: () => void): Disposable {
  const callbacks = awaited.get(pid)?.callbacks ?? new Set();
  callbacks.add(callback);
  if (!awaited.has(pid)) {
    const watch = deaths.watch({ pid, foreign: true }, () => {
      awaited.delete(pid);
      for (const callback of callbacks) callback();
    });
    awaited.set(pid, { watch, callbacks });
  }
  return {
    [Symbol.dispose]() {
      callbacks.delete(callback);
      if (callbacks.size > 0 || awaited.get(pid)?.callbacks !== callbacks) return;
      awaited.get(pid)!.watch[Symbol.dispose]();
      awaited.delete(pid);
    },
  };
}

/** Names processes in a warning. */
function named(pids: readonly number[]): string {
  const more = pids.length - MOST_NAMED;
  const names = pids.slice(0, MOST_NAMED).join(", ");
  return more > 0 ? `${names} or one of ${more} more` : names;
}

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
        named(pids)
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
      const watch = awaitDeath(pid, deaths, () => {
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
