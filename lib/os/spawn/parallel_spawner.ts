import { monotonicClock } from "../clock.ts";
import { libc } from "../libc.ts";
import { canStartThread } from "../runtime/can_start_thread.ts";
import { Errno } from "../system_error.ts";
import { LeanThreads } from "./lean_threads.ts";
import { PosixSpawner } from "./posix_spawner.ts";
import type { Spawned, Spawner, SpawnRequest } from "./spawner.ts";

/** The reasons for which a lean thread can't find or open something by its name in /proc. */
const UNREACHABLE = new Set<number>([
  Errno.ENOENT,
  Errno.EACCES,
  Errno.EPERM,
  Errno.ENXIO,
  Errno.ENOTDIR,
  Errno.ELOOP,
]);

/** After this many milliseconds without work the runtime's threads may be gone: it ends them after ten seconds. */
const THREADS_REST = 5000;

/** What a {@linkcode ParallelSpawner} is told. */
export interface ParallelSpawnerOptions {
  /** How many programs are loaded at the same time. */
  readonly atOnce: number;
  /** Descriptors that a former program in this process has left open. */
  readonly handedOver: readonly number[];
  /** Is called whenever one start less is pending, successful or not. */
  readonly onStarted: () => void;
}

/**
 * Starts many programs: as {@linkcode PosixSpawner}, but several at once, each on a thread of its
 * own, because the caller of posix_spawn(3) sleeps until the new program has been loaded.
 *
 * What needs the whole process to be in another state meanwhile (a limit, a namespace) is started
 * from the main thread at once.
 *
 * Make it when the reactor is there, before anything else is opened: the threads keep the runtime's
 * descriptors, and those must be told from this program's.
 */
export class ParallelSpawner implements Spawner {
  readonly #posix = new PosixSpawner();
  readonly #atOnce: number;
  readonly #lean: LeanThreads;
  readonly #onStarted: () => void;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** How many threads the runtime has for this, at least, as long as they are not idle too long. */
  #threads = 0;
  #lastUse = -Infinity;
  /** Programs that are running, but whose process ids the caller does not know yet. */
  #untold = 0;

  constructor(options: ParallelSpawnerOptions) {
    this.#atOnce = options.atOnce;
    this.#lean = new LeanThreads(options.handedOver);
    this.#onStarted = options.onStarted;
  }

  /** How many programs are being loaded or wait for it, until the caller knows their process ids. */
  get pending(): number {
    return this.#running + this.#waiting.length + this.#untold;
  }

  spawn(request: SpawnRequest): Spawned | Promise<Spawned> {
    const { softNofile, newPidNamespace, ignoredSignals = [] } = request;
    if (softNofile !== undefined || newPidNamespace || ignoredSignals.length > 0) {
      return this.#posix.spawn(request);
    }
    return this.#spawn(request);
  }

  /** Whether the runtime has a thread for one more call, or could start one. */
  #threadIsAvailable(): boolean {
    const idle = monotonicClock() - this.#lastUse > THREADS_REST;
    if (idle) {
      this.#threads = 0;
      this.#lean.renew();
    }
    if (this.#running > this.#threads) {
      if (!canStartThread()) return false;
      this.#threads = this.#running;
    }
    return true;
  }

  async #spawn(request: SpawnRequest): Promise<Spawned> {
    if (this.#running >= this.#atOnce) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    try {
      // Where the runtime can't start a thread, it panics.
      if (!this.#threadIsAvailable()) return this.#posix.spawn(request);
      return await this.#spawnElsewhere(request);
    } finally {
      this.#running--;
      this.#lastUse = monotonicClock();
      this.#waiting.shift()?.();
      this.#untold++;
      // The caller gets the process id in the next microtask; news of the death may come before.
      queueMicrotask(() =>
        queueMicrotask(() => {
          this.#untold--;
          this.#onStarted();
        })
      );
    }
  }

  /** Starts a program on another thread, lean or not. */
  async #spawnElsewhere(request: SpawnRequest): Promise<Spawned> {
    const lean = this.#lean;
    // A pipe can be opened again by its name. A console may be a terminal or a socket, which can't.
    const hasConsole = typeof request.stderr === "number";
    if (lean.usable && !hasConsole) await lean.trim();
    if (!lean.usable || hasConsole) {
      return lean.used ? this.#posix.spawn(request) : await this.#spawnByNumber(request);
    }
    using preparation = this.#posix.prepare(request, (fd) => lean.path(fd));
    request.onStart?.();
    const errno = await libc.posix_spawn_async(...preparation.arguments);
    if (!UNREACHABLE.has(errno)) return preparation.result(errno);
    // Either the program can't be run, and that shows again, or it can't be reached through /proc.
    const spawned = this.#posix.spawn(request);
    lean.giveUp();
    return spawned;
  }

  async #spawnByNumber(request: SpawnRequest): Promise<Spawned> {
    using preparation = this.#posix.prepare(request);
    request.onStart?.();
    return preparation.result(await libc.posix_spawn_async(...preparation.arguments));
  }
}
