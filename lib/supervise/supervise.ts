import { PidfdDeaths } from "../os/spawn/deaths.ts";
import { softLimitAtStart } from "../os/runtime/soft_limit_at_start.ts";
import { CommandSpawner } from "../os/spawn/command_spawner.ts";
import { Service } from "./service.ts";

/** How {@linkcode supervise} supervises. */
export interface SuperviseOptions {
  /** Aborting it brings the service down, runs its `finish`, and ends the supervision. */
  readonly signal?: AbortSignal;
  /**
   * Where warnings go, a line each.
   *
   * @default {console.error}
   */
  readonly onWarning?: (message: string) => void;
}

/**
 * Supervises a service directory, as `sv supervise` does: starts `run`, knows when it is ready,
 * restarts it when it dies, obeys commands from its control FIFO, and sends an event to the listeners
 * of its `event` directory on every change.
 *
 * Many services can be supervised at once; each costs a few descriptors, and no time while nothing
 * happens to it. Linux only.
 *
 * Follows s6's `s6-supervise` and `servicedir`.
 *
 * Permissions: `ffi`, `run`, `read`, `env`.
 *
 * @param dir Path of the service directory; `run` gets it as its argument.
 * @param options A signal that ends it, and where warnings go.
 * @returns A promise that is kept when the supervision ends: by the signal, or by the command `x`.
 * @throws {AlreadySupervisedError} when another supervisor has the directory.
 * @throws {SystemError} when the directory can't be used.
 *
 * @example
 * ```ts
 * import { supervise, waitFor } from "@sv/supervise";
 *
 * const dir = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${dir}/notification-fd`, "3\n");
 * Deno.writeTextFileSync(`${dir}/run`, "#!/bin/sh\necho >&3\nexec 3>&-\nexec sleep 60\n");
 * Deno.chmodSync(`${dir}/run`, 0o755);
 *
 * const controller = new AbortController();
 * const ended = supervise(dir, { signal: controller.signal });
 * await waitFor([dir], "ready", { timeout: 5000 });
 * controller.abort();
 * await ended;
 * ```
 */
export function supervise(dir: string, options: SuperviseOptions = {}): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { signal } = options;
  try {
    signal?.throwIfAborted();
    const abort = () => service.signal("TERM");
    const service = new Service(dir, {
      name: dir,
      spawner: new CommandSpawner(),
      deaths: new PidfdDeaths(),
      softNofile: softLimitAtStart(),
      report: options.onWarning ?? ((message) => console.error(`sv supervise ${dir}: ${message}`)),
      onExit() {
        signal?.removeEventListener("abort", abort);
        resolve();
      },
    });
    signal?.addEventListener("abort", abort);
  } catch (error) {
    reject(error);
  }
  return promise;
}
