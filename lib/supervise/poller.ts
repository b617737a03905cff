import type { Deaths } from "../os/deaths.ts";
import { exists } from "../os/path.ts";
import { cString } from "../os/os_string.ts";
import { ServicePath } from "../servicedir/protocol.ts";
import type { Standard } from "../os/spawn/spawner.ts";

const POLL_FILE = cString(ServicePath.polling);

/** A life of a service, which may have to be polled. */
export interface PolledLife {
  /** The service's name. */
  readonly name: string;
  /** The service directory, open. */
  readonly directory: number;
  /** The daemon. */
  readonly pid: number;
  /** Learns of the death of a program that checks. */
  readonly deaths: Deaths;
  /** What such a program writes to. Asked for at each start of one. */
  readonly stdout: Standard;
  /** What such a program complains to. */
  readonly stderr: Standard;
  /** Its soft limit on open files, where it is not this process's. */
  readonly softNofile: number | undefined;
  /** Signals that it ignores. */
  readonly ignoredSignals: readonly number[];
  /** Says something to the administrator. */
  readonly report: (message: string) => void;
  /** The service is ready. */
  readonly onReady: () => void;
}

/**
 * Polls a service by itself where there is a file `data/notifyoncheck`. What it takes to poll is
 * loaded only then: most services are not polled.
 */
export class Poller {
  #current: AbortController | undefined;
  /** Of a former life of the service a check may still be about to end. */
  #ended: Promise<void> = Promise.resolve();

  /** Starts to poll a life of the service, if that is asked for. */
  start(life: PolledLife): void {
    this.stop();
    if (!exists(life.directory, POLL_FILE)) return;
    const current = this.#current = new AbortController();
    this.#ended = this.#poll(life, current.signal, this.#ended);
  }

  /** Stops at once. */
  stop(): void {
    this.#current?.abort();
    this.#current = undefined;
  }

  async #poll(life: PolledLife, signal: AbortSignal, former: Promise<void>): Promise<void> {
    await former;
    const { pollService } = await import("../readiness/polling/poll_service.ts");
    if (signal.aborted) return;
    const { deaths, stderr, softNofile, ignoredSignals, directory } = life;
    await pollService({
      ...life,
      signal,
      surroundings: {
        deaths,
        directory,
        stdin: "null",
        get stdout() {
          return life.stdout;
        },
        stderr,
        softNofile,
        ignoredSignals,
      },
    });
  }
}
