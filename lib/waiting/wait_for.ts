import { Priority, reactor } from "../os/reactor.ts";
import { type AwaitedState, Waiting } from "./wait_state.ts";
import { WatchedServices } from "./watched_services.ts";

/** How {@linkcode waitFor} waits. */
export interface WaitForOptions {
  /** Ends the waiting when aborted; its reason is what is thrown. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds after which to give up.
   *
   * @default {Infinity}
   */
  readonly timeout?: number;
  /**
   * Whether one of the services in the wanted state is enough.
   *
   * @default {false}
   */
  readonly any?: boolean;
}

/** The services were not in the wanted state in time. */
export class WaitTimeoutError extends Error {
  /** The class's name, by which an error is told from others. */
  override name = "WaitTimeoutError";
}

/** Services will not reach the wanted state: they failed permanently, or lost their supervisor. */
export class ServiceFailedError extends Error {
  /** The class's name, by which an error is told from others. */
  override name = "ServiceFailedError";
  /** The directories of the services that failed. */
  readonly dirs: readonly string[];

  /**
   * Makes the error.
   *
   * @param dirs The directories of the services that failed.
   * @param state The state that was waited for.
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
 * Waits until services are in a state. It never polls, and it misses nothing that happens after the
 * call: what brings the state about may be done between the call and the `await`.
 *
 * Follows s6's `s6-svwait`.
 *
 * Permissions: `ffi`.
 *
 * @param dirs Path of a service directory, or several.
 * @param state The state to wait for.
 * @param options When to give up, and whether one of several services is enough.
 * @throws {WaitTimeoutError} when the time is up.
 * @throws {ServiceFailedError} when a service has failed permanently or its supervisor died.
 * @throws {SystemError} when a service can't be listened to, or was never supervised.
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
export function waitFor(
  dirs: string | readonly string[],
  state: AwaitedState,
  options: WaitForOptions = {},
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  try {
    start(typeof dirs === "string" ? [dirs] : dirs, state, options, resolve, reject);
  } catch (error) {
    reject(error);
  }
  return promise;
}

function start(
  dirs: readonly string[],
  state: AwaitedState,
  { signal, timeout, any = false }: WaitForOptions,
  resolve: () => void,
  reject: (reason: unknown) => void,
): void {
  signal?.throwIfAborted();
  if (dirs.length === 0) return resolve();
  using cleanup = new DisposableStack();
  const services = cleanup.use(new WatchedServices(dirs));
  const waiting = new Waiting({ any });
  services.statuses.forEach((status) => waiting.add(status, state));
  const resources = new DisposableStack();

  function settle(finish: () => void): void {
    resources.dispose();
    finish();
  }
  function settleIfDone(): boolean {
    if (!waiting.done) return false;
    const failed = waiting.failed.map((index) => dirs[index]!);
    settle(failed.length === 0 ? resolve : () => reject(new ServiceFailedError(failed, state)));
    return true;
  }
  function receive(index: number): void {
    try {
      waiting.receive(index, services.listeners[index]!.read());
      settleIfDone();
    } catch (error) {
      settle(() => reject(error));
    }
  }

  if (waiting.done) return resolve();
  resources.use(cleanup.move());
  try {
    services.listeners.forEach(({ fd }, index) => {
      reactor().watch(fd, Priority.Ordinary, () => receive(index));
      resources.defer(() => reactor().unwatch(fd));
    });
    if (timeout !== undefined) {
      resources.use(
        reactor().after(timeout, () =>
          settle(() =>
            reject(
              new WaitTimeoutError(
                `Cannot wait until ${dirs.join(", ")} is ${state}: ${timeout} ms have passed`,
              ),
            )
          )),
      );
    }
    if (signal !== undefined) {
      const abort = () => settle(() => reject(signal.reason));
      signal.addEventListener("abort", abort);
      resources.defer(() => signal.removeEventListener("abort", abort));
    }
  } catch (error) {
    resources.dispose();
    throw error;
  }
}
