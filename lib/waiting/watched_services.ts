import { Listener } from "../fifodir/listener.ts";
import { makeFifodir } from "../fifodir/make.ts";
import { effectiveGroupId } from "../os/credentials.ts";
import { CWD } from "../os/file.ts";
import { tryStat } from "../os/file_status.ts";
import { Access, accessErrno } from "../os/path.ts";
import { Errno, isErrno, SystemError } from "../os/system_error.ts";
import { byteOf, ServiceEvent, ServicePath } from "../servicedir/protocol.ts";
import { readStatus, type ServiceStatus } from "../servicedir/status.ts";
import { SupervisorWatch } from "./supervisor_watch.ts";
import type { Source, Wait } from "./wait.ts";
import type { ServicesWait } from "./wait_state.ts";

const SUPERVISED = byteOf(ServiceEvent.supervised);

/** Returns the error for a directory in which nothing can be waited for; undefined where it has a `run`. */
function notAService(dir: string): SystemError | undefined {
  const run = `${dir}/${ServicePath.run}`;
  if (accessErrno(CWD, run, Access.EXISTS) !== Errno.ENOENT) return undefined;
  const isThere = tryStat(CWD, dir) !== undefined;
  const why = isThere ? `, which is no service directory: there is no ${run}` : "";
  return new SystemError(`wait for ${dir}${why}`, Errno.ENOENT);
}

function listenTo(dir: string): Listener {
  const fifodir = `${dir}/${ServicePath.event}`;
  try {
    return new Listener(fifodir);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
    const wrong = notAService(dir);
    if (wrong !== undefined) throw wrong;
    // Its supervisor has never run: the first one will use the fifodir that is made here. Where `event`
    // is a link that leads to nothing, none is made: s6-supervise insists on making that itself.
    try {
      makeFifodir(fifodir, { group: effectiveGroupId() });
    } catch {
      throw error;
    }
    return new Listener(fifodir);
  }
}

/** Returns a service's status; undefined where no supervisor has run yet, unless that is an error. */
function statusOf(dir: string, patient: boolean): ServiceStatus | undefined {
  try {
    return readStatus(dir);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
    const wrong = notAService(dir);
    if (wrong !== undefined) throw wrong;
    if (patient) return undefined;
    throw new SystemError(`wait for ${dir}, where no supervisor has run yet`, error.errno);
  }
}

/** How to watch services. */
export interface WatchedServicesOptions {
  /** Whether a supervisor is waited for where none has run yet; otherwise that is an error. */
  readonly patient?: boolean;
}

/**
 * Services whose events are listened to. The constructor first listens and then reads the status, so that
 * status and events together miss nothing.
 */
export class WatchedServices implements Disposable {
  /** The listener of each service. */
  readonly listeners: readonly Listener[];
  /**
   * The status of each service, read after its listener was made; undefined where no supervisor has run
   * yet.
   */
  readonly statuses: readonly (ServiceStatus | undefined)[];
  readonly #dirs: readonly string[];
  #watches: readonly SupervisorWatch[] = [];

  /**
   * Listens to the services, and reads the status of each.
   *
   * @param dirs Paths of the service directories.
   * @param options How.
   */
  constructor(dirs: readonly string[], { patient = false }: WatchedServicesOptions = {}) {
    const listeners: Listener[] = [];
    this.listeners = listeners;
    this.#dirs = dirs;
    try {
      this.statuses = dirs.map((dir) => {
        listeners.push(listenTo(dir));
        return statusOf(dir, patient);
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

  /** The directories on which no supervisor runs, as far as this user can tell. */
  get unsupervised(): readonly string[] {
    return this.#dirs.filter((_, index) => this.#watches[index]?.isMissing ?? false);
  }

  /**
   * Returns the sources and the wait with which either clock waits for the services: the wait that is
   * given, fed from listeners and from watches of the supervisors.
   *
   * @param waiting The wait. It learns the status of a service when its first supervisor starts: that
   *   has written it before it sends the event of its start.
   * @param onSupervised Called when a supervisor has sent that event, before the wait takes it.
   */
  watched(
    waiting: ServicesWait | Wait,
    onSupervised?: (index: number) => void,
  ): [sources: readonly Source[], wait: Wait] {
    if (waiting.done) return [this.listeners, waiting];
    this.watchSupervisors();
    const watches = this.#watches;
    const count = this.listeners.length;
    const unknown = new Set(this.listeners.keys().filter((index) => !this.statuses[index]));
    return [[...this.listeners, ...watches], {
      receive: (source, events) => {
        const index = source % count;
        if (source < count) watches[index]!.note(events);
        if (events.includes(SUPERVISED)) {
          if (unknown.delete(index) && "learn" in waiting) {
            waiting.learn(index, readStatus(this.#dirs[index]!));
          }
          onSupervised?.(index);
        }
        waiting.receive(index, events);
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
