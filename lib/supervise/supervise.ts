import { CWD } from "../os/file.ts";
import { tryStat } from "../os/file_status.ts";
import { PidfdDeaths } from "../os/spawn/deaths.ts";
import { softLimitAtStart } from "../os/runtime/soft_limit_at_start.ts";
import { PosixSpawner } from "../os/spawn/posix_spawner.ts";
import { closeLeftBehind, markForThread } from "../os/thread_mark.ts";
import { SupervisePath } from "../servicedir/protocol.ts";
import { AlreadySupervisedError } from "../servicedir/supervise_dir.ts";
import { Service } from "./service.ts";
import type { ServiceOptions } from "./service_options.ts";

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
 * A service outlives this program where the program is killed or fails, and outlives a Worker that
 * supervises it and is terminated. Who supervises it next by this function, or `sv scan`, takes it over
 * as it runs, and does not start it a second time. What a terminated Worker has left open is closed by
 * the next `supervise` of the same directory in this program; other programs find it supervised until
 * then.
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
    const service = take(dir, {
      name: dir,
      // This process has other threads: no descriptor of it may change while a program is started.
      spawner: new PosixSpawner(),
      deaths: new PidfdDeaths(),
      softNofile: softLimitAtStart(),
      takeOver: true,
      onTaken: markForThread,
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

/**
 * Takes a service directory, also where a part of this process that has been terminated, a Worker, still
 * has it locked.
 */
function take(dir: string, options: ServiceOptions): Service {
  try {
    return new Service(dir, options);
  } catch (error) {
    if (!(error instanceof AlreadySupervisedError)) throw error;
    const files = [SupervisePath.lock, SupervisePath.control]
      .flatMap((path) => tryStat(CWD, `${dir}/${path}`)?.identity ?? []);
    if (!closeLeftBehind(files)) throw error;
    return new Service(dir, options);
  }
}
