import { cString, pathName } from "../os/os_string.ts";
import { Access, accessErrno } from "../os/path.ts";
import type { Standard } from "../os/spawn/spawner.ts";
import { Errno, SystemError } from "../os/system_error.ts";
import { ServicePath } from "../servicedir/protocol.ts";
import type { ServiceOptions } from "./service_options.ts";

const DATA = cString(ServicePath.data);
const POLL_FILE = cString(ServicePath.polling);
const FORMER_POLL_FILE = cString(ServicePath.formerPolling);

/** Returns whether a file is there. Not so where `data` or `data/sv` is a plain file of the user's. */
function isThere(directory: number, path: typeof DATA): boolean {
  const errno = accessErrno(directory, path, Access.EXISTS);
  if (errno === Errno.ENOENT || errno === Errno.ENOTDIR) return false;
  if (errno !== 0) throw new SystemError(`access ${pathName(path)}`, errno);
  return true;
}

/** A life of a service, from a start of `run` to its death. */
export interface PolledLife {
  /** The service directory, open. */
  readonly directory: number;
  /** The daemon. */
  readonly pid: number;
  /** What a program that checks gets as its descriptor 1; called at each start of one. */
  readonly stdout: () => Standard;
  /** Called when the service is ready. */
  readonly onReady: () => void;
}

/**
 * Polls a service by itself where there is a file `data/sv/notifyoncheck`. The code for that is loaded
 * only then: most services are not polled.
 */
export class Poller {
  #current: AbortController | undefined;
  /** Settled when no check of a former daemon runs any more. */
  #ended: Promise<void> | undefined;

  /** Starts to poll the daemon, if there is a file `data/sv/notifyoncheck`. */
  start(options: ServiceOptions, life: PolledLife): void {
    this.stop();
    // Most services have no `data`: one look.
    if (!isThere(life.directory, DATA)) return;
    const isPolled = isThere(life.directory, POLL_FILE);
    if (!isPolled && !isThere(life.directory, FORMER_POLL_FILE)) return;
    const current = this.#current = new AbortController();
    if (!isPolled) return void this.#warnOfFormerFile(options, life, current.signal);
    this.#ended = this.#poll(options, life, current.signal, this.#ended);
  }

  /** Stops at once. */
  stop(): void {
    this.#current?.abort();
    this.#current = undefined;
  }

  async #warnOfFormerFile(
    { report }: ServiceOptions,
    { directory }: PolledLife,
    signal: AbortSignal,
  ): Promise<void> {
    const { warnOfFormerPollFile } = await import("../readiness/polling/poll_service.ts");
    if (!signal.aborted) warnOfFormerPollFile(directory, report);
  }

  async #poll(
    { name, deaths, softNofile, ignoredSignals = [], stderr = "inherit", report }: ServiceOptions,
    { directory, pid, stdout, onReady }: PolledLife,
    signal: AbortSignal,
    former: Promise<void> | undefined,
  ): Promise<void> {
    await former;
    const { pollService } = await import("../readiness/polling/poll_service.ts");
    if (signal.aborted) return;
    await pollService({
      name,
      directory,
      pid,
      signal,
      report,
      onReady,
      surroundings: {
        deaths,
        directory,
        stdin: "null",
        get stdout() {
          return stdout();
        },
        stderr,
        softNofile,
        ignoredSignals,
      },
    });
  }
}
