import { CWD } from "../os/file.ts";
import { Access, accessErrno } from "../os/path.ts";
import { reactor } from "../os/reactor.ts";
import { readFailure } from "../servicedir/failure.ts";
import { ServicePath } from "../servicedir/protocol.ts";
import { isRunning } from "../supervise/machine.ts";
import type { ScannedService } from "./scanned_service.ts";

/** Whether a service can say that it is ready. */
function notifies(name: string): boolean {
  return [ServicePath.notificationFd, ServicePath.polling]
    .some((file) => accessErrno(CWD, `${name}/${file}`, Access.EXISTS) === 0);
}

/** Whether a service has failed for good: it stays down, though it was wanted up. */
function hasFailed({ name, state }: ScannedService): boolean {
  return state?.phase === "down" && !state.wantUp && readFailure(name)?.kind === "permanent";
}

/** Whether a service is as it is wanted: ready where it is wanted up, or up where it can't say that it is ready. */
function isAsWanted({ active, name, state }: ScannedService): boolean {
  if (!active) return true;
  if (state === undefined) return false;
  return !state.wantUp || (isRunning(state.phase) && (state.ready || !notifies(name)));
}

/**
 * Tells when all services of a scan that are wanted up are ready. It costs next to nothing: while one
 * service is known not to be ready, no other is looked at.
 */
export class WantedServices {
  readonly #services: () => Iterable<ScannedService>;
  readonly #onNews: () => void;
  /** A service that was not ready when it was looked at. */
  #awaited: ScannedService | undefined;
  readonly #failed = new Set<ScannedService>();
  #look: Disposable | undefined;
  #done = false;

  /**
   * @param services Returns the services that the scan knows.
   * @param onNews Called when it may be that all are ready, or when one has failed for good.
   */
  constructor(services: () => Iterable<ScannedService>, onNews: () => void) {
    this.#services = services;
    this.#onNews = onNews;
  }

  /** Takes note that the state of a service has changed; all are looked at in a later turn. */
  note(service: ScannedService): void {
    if (this.#done) return;
    const failed = hasFailed(service);
    if (failed) this.#failed.add(service);
    else this.#failed.delete(service);
    if (failed || this.#awaited === undefined || this.#awaited === service) this.lookSoon();
  }

  /** Has all services looked at in a later turn. */
  lookSoon(): void {
    this.#look ??= reactor().after(0, () => {
      this.#look = undefined;
      if (!this.#done) this.#onNews();
    });
  }

  /** Whether all services that are wanted up are ready at this moment. */
  get allReady(): boolean {
    for (const service of this.#services()) {
      if (isAsWanted(service)) continue;
      this.#awaited = service;
      return false;
    }
    this.#awaited = undefined;
    return true;
  }

  /** The names of the services that are wanted up and not ready. */
  get pending(): string[] {
    return [...this.#services()].filter((service) => !isAsWanted(service))
      .map(({ name }) => name).sort();
  }

  /** How many services are wanted up. */
  get count(): number {
    const isWanted = ({ active, state }: ScannedService) => active && (state?.wantUp ?? true);
    return [...this.#services()].filter(isWanted).length;
  }

  /** The names of the services that have failed for good since this was made. */
  get failed(): string[] {
    return [...this.#failed].filter(({ active }) => active).map(({ name }) => name).sort();
  }

  /** Looks no more. */
  end(): void {
    this.#done = true;
    this.#look?.[Symbol.dispose]();
    this.#look = undefined;
  }
}
