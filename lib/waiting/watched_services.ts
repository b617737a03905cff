import { Listener } from "../fifodir/listener.ts";
import { makeFifodir } from "../fifodir/make.ts";
import { effectiveGroupId } from "../os/credentials.ts";
import { Errno, isErrno, SystemError } from "../os/system_error.ts";
import { ServicePath } from "../servicedir/protocol.ts";
import { readStatus, type ServiceStatus } from "../servicedir/status.ts";
import { SupervisorWatch } from "./supervisor_watch.ts";
import type { Source, Wait } from "./wait.ts";

function listenTo(dir: string): Listener {
  const fifodir = `${dir}/${ServicePath.event}`;
  try {
    return new Listener(fifodir);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
    // Its supervisor has never run: the first one will use the fifodir that is made here.
    try {
      makeFifodir(fifodir, { group: effectiveGroupId() });
    } catch {
      throw error;
    }
    return new Listener(fifodir);
  }
}

function statusOf(dir: string): ServiceStatus {
  try {
    return readStatus(dir);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
    throw new SystemError(`wait for ${dir}, where no supervisor has run yet`, error.errno);
  }
}

/**
 * Services whose events are listened to. The constructor first listens and then reads the status, so that
 * status and events together miss nothing.
 */
export class WatchedServices implements Disposable {
  /** The listener of each service. */
  readonly listeners: readonly Listener[];
  /** The status of each service, read after its listener was made. */
  readonly statuses: readonly ServiceStatus[];
  readonly #dirs: readonly string[];
  #watches: readonly SupervisorWatch[] = [];

  /**
   * Listens to the services, and reads the status of each.
   *
   * @param dirs Paths of the service directories.
   */
  constructor(dirs: readonly string[]) {
    const listeners: Listener[] = [];
    this.listeners = listeners;
    this.#dirs = dirs;
    try {
      this.statuses = dirs.map((dir) => {
        listeners.push(listenTo(dir));
        return statusOf(dir);
      });
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Begins to watch the supervisors, too: one that is killed sends no event. Call it only where
   * there is something to wait for, before the caller does what it waits for.
   */
  watchSupervisors(): void {
    if (this.#watches.length > 0) return;
    this.#watches = this.listeners.map((listener, index) =>
      new SupervisorWatch(this.#dirs[index]!, listener)
    );
    for (const watch of this.#watches) watch.begin();
  }

  /**
   * Returns the sources and the wait with which either clock waits for the services: the wait that is
   * given, fed from listeners and from watches of the supervisors.
   */
  watched(waiting: Wait): [sources: readonly Source[], wait: Wait] {
    if (waiting.done) return [this.listeners, waiting];
    this.watchSupervisors();
    const watches = this.#watches;
    const count = this.listeners.length;
    return [[...this.listeners, ...watches], {
      receive(index, events) {
        if (index < count) watches[index]!.note(events);
        waiting.receive(index % count, events);
      },
      get done() {
        return waiting.done;
      },
    }];
  }

  [Symbol.dispose](): void {
    for (const source of [...this.listeners, ...this.#watches]) source[Symbol.dispose]();
  }
}
