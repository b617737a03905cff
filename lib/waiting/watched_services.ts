import { Listener } from "../fifodir/listener.ts";
import { makeFifodir } from "../fifodir/make.ts";
import { effectiveGroupId } from "../os/credentials.ts";
import { Errno, isErrno, SystemError } from "../os/system_error.ts";
import { ServicePath } from "../servicedir/protocol.ts";
import { readStatus, type ServiceStatus } from "../servicedir/status.ts";

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

  /**
   * Listens to the services, and reads the status of each.
   *
   * @param dirs Paths of the service directories.
   */
  constructor(dirs: readonly string[]) {
    const listeners: Listener[] = [];
    this.listeners = listeners;
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

  [Symbol.dispose](): void {
    for (const listener of this.listeners) listener[Symbol.dispose]();
  }
}
