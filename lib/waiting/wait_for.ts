import { monotonicClock } from "../os/clock.ts";
import type { Ending } from "./wait.ts";
import { waitOnReactor } from "./wait_on_reactor.ts";
import { type AwaitedState, ServicesWait } from "./wait_state.ts";
import { WatchedServices } from "./watched_services.ts";

/** How {@linkcode waitFor} waits. */
export interface WaitForOptions {
  /** Ends the wait when it is aborted; `waitFor` then throws its reason. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds after which to give up; with 0, at once.
   *
   * @default {Infinity}
   */
  readonly timeout?: number;
  /**
   * Whether it is enough that one of the services is in the state.
   *
   * @default {false}
   */
  readonly any?: boolean;
}

/** Services did not reach a state in time. */
export class WaitTimeoutError extends Error {
  /** The class's name, which distinguishes the error where classes can't be compared. */
  override name = "WaitTimeoutError";
}

/** Services can't reach a state any more: they failed permanently, or their supervisor died. */
export class ServiceFailedError extends Error {
  /** The class's name, which distinguishes the error where classes can't be compared. */
  override name = "ServiceFailedError";
  /** The directories of the services that failed. */
  readonly dirs: readonly string[];

  /**
   * Makes the error.
   *
   * @param dirs The directories of the services that failed.
   * @param state The state that they did not reach.
   */
  constructor(dirs: readonly string[], state: AwaitedState) {
    super(
      `Cannot wait until ${
        dirs.join(", ")
      } is ${state}: it failed permanently, or its supervisor died`,
    );
    this.dirs = dirs;
  }
}

/**
 * Waits until services are in a state. It never polls, and misses nothing that happens after the call:
 * a program may call it, then start the service, then await the promise.
 *
 * Follows s6's `s6-svwait`.
 *
 * Permissions: `ffi`.
 *
 * @param dirs Path of a service directory, or several.
 * @param state The state to wait for.
 * @param options The time limit, an abort signal, and whether one of several services is enough.
 * @throws {WaitTimeoutError} when the time limit has passed.
 * @throws {ServiceFailedError} when a service has failed permanently or its supervisor died.
 * @throws {SystemError} when a service can't be listened to. One that was never supervised is waited
 *   for: its first supervisor may come.
 *
 * @example
 * ```ts
 * import { control, waitFor } from "@sv/supervise";
 *
 * async function restart(dir: string) {
 *   const restarted = waitFor(dir, "restartedReady", { timeout: 10_000 });
 *   control(dir, "r");
 *   await restarted;
 * }
 * ```
 */
export async function waitFor(
  dirs: string | readonly string[],
  state: AwaitedState,
  options: WaitForOptions = {},
): Promise<void> {
  const { signal, timeout = Infinity, any = false } = options;
  const paths = typeof dirs === "string" ? [dirs] : dirs;
  signal?.throwIfAborted();
  if (paths.length === 0) return;
  using services = new WatchedServices(paths, { patient: true });
  const waiting = new ServicesWait({ any });
  for (const status of services.statuses) waiting.add(status, state);
  const { promise, resolve, reject } = Promise.withResolvers<Ending>();
  const [sources, wait] = services.watched(waiting);
  using _wait = waitOnReactor(sources, wait, monotonicClock() + timeout, resolve);
  using aborting = new DisposableStack();
  if (signal !== undefined) {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    aborting.defer(() => signal.removeEventListener("abort", abort));
  }
  const ending = await promise;
  if (ending.how === "failed") throw ending.error;
  if (ending.how === "timed out") {
    throw new WaitTimeoutError(
      `Cannot wait until ${paths.join(", ")} is ${state}: ${timeout} milliseconds have passed`,
    );
  }
  if (waiting.failed.length > 0) {
    throw new ServiceFailedError(waiting.failed.map((index) => paths[index]!), state);
  }
}
