import { type Deaths, PidfdDeaths } from "./deaths.ts";
import { type DeadChild, reapAny } from "../process.ts";
import { reactor } from "../reactor.ts";
import type { Spawned } from "./spawner.ts";
import type { WaitStatus } from "../wait_status.ts";

/** After this many deaths the rest of the program gets its turn: orphans may die without end. */
const DEATHS_AT_ONCE = 1000;

/**
 * Learns of deaths as process 1 does: by taking the status of every child that has died, be it one that
 * this program has started or an orphan that the kernel gave it. It costs no descriptor for a child. Only
 * for programs in which nothing else waits for children, because it takes the status of all.
 */
export class ChildReaper implements Deaths {
  readonly #watched = new Map<number, (status: WaitStatus) => void>();
  readonly #early = new Map<number, WaitStatus>();
  readonly #starting: () => boolean;
  readonly #take: () => DeadChild | undefined;
  readonly #strangers = new PidfdDeaths();

  /**
   * @param starting Returns whether children are being started whose process ids are not known yet.
   * @param take Takes the status of a child that has died.
   */
  constructor(starting: () => boolean, take: () => DeadChild | undefined = reapAny) {
    this.#starting = starting;
    this.#take = take;
  }

  watch(process: Spawned, callback: (status: WaitStatus) => void): Disposable {
    if (process.foreign) return this.#strangers.watch(process, callback);
    const { pid } = process;
    const early = this.#early.get(pid);
    if (early === undefined) {
      this.#watched.set(pid, callback);
      return { [Symbol.dispose]: () => void this.#watched.delete(pid) };
    }
    // It died before its process id was known here.
    this.#early.delete(pid);
    let watching = true;
    queueMicrotask(() => {
      if (watching) callback(early);
    });
    return { [Symbol.dispose]: () => void (watching = false) };
  }

  /** Whether a child has died before it was watched, while children were being started. */
  diedEarly(pid: number): boolean {
    return this.#early.has(pid);
  }

  /** Takes the status of every child that has died. Call it on SIGCHLD. */
  reap(): void {
    for (let count = 0; count < DEATHS_AT_ONCE; count++) {
      const dead = this.#take();
      if (dead === undefined) {
        if (!this.#starting()) this.#early.clear();
        return;
      }
      const callback = this.#watched.get(dead.pid);
      if (callback !== undefined) {
        this.#watched.delete(dead.pid);
        callback(dead.status);
      } else if (this.#starting()) this.#early.set(dead.pid, dead.status);
    }
    // The rest of the program gets its turn; no further signal needs to come.
    reactor().after(0, () => this.reap());
  }
}
