import { type Deaths, PidfdDeaths } from "./deaths.ts";
import { reapAny } from "./process.ts";
import type { Spawned } from "./spawn/spawner.ts";
import type { WaitStatus } from "./wait_status.ts";

/**
 * Learns of deaths as process 1 does: by taking the status of every child that has died, its own
 * or an orphan that the kernel gave it. It costs no descriptor for a child. For programs that have
 * no other children, because it takes theirs, too.
 */
export class ChildReaper implements Deaths {
  readonly #watched = new Map<number, (status: WaitStatus) => void>();
  readonly #early = new Map<number, WaitStatus>();
  readonly #starting: () => boolean;
  readonly #strangers = new PidfdDeaths();

  /** @param starting Whether children are being started whose pid is not known yet. */
  constructor(starting: () => boolean) {
    this.#starting = starting;
  }

  watch(process: Spawned, callback: (status: WaitStatus) => void): Disposable {
    if (process.foreign) return this.#strangers.watch(process, callback);
    const { pid } = process;
    const early = this.#early.get(pid);
    if (early === undefined) {
      this.#watched.set(pid, callback);
      return { [Symbol.dispose]: () => void this.#watched.delete(pid) };
    }
    // It was faster than the news of its birth.
    this.#early.delete(pid);
    let watching = true;
    queueMicrotask(() => {
      if (watching) callback(early);
    });
    return { [Symbol.dispose]: () => void (watching = false) };
  }

  /** Whether a child has died that nobody watched yet, and whose death is kept in mind. */
  diedEarly(pid: number): boolean {
    return this.#early.has(pid);
  }

  /** Takes the status of every child that has died. To be called on SIGCHLD. */
  reap(): void {
    for (let dead = reapAny(); dead !== undefined; dead = reapAny()) {
      const callback = this.#watched.get(dead.pid);
      if (callback !== undefined) {
        this.#watched.delete(dead.pid);
        callback(dead.status);
      } else if (this.#starting()) this.#early.set(dead.pid, dead.status);
    }
    if (!this.#starting()) this.#early.clear();
  }
}
