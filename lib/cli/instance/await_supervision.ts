import { Listener } from "../../fifodir/listener.ts";
import { CWD } from "../../os/file.ts";
import { exists } from "../../os/path.ts";
import { ServiceEvent, ServicePath, SupervisePath } from "../../servicedir/protocol.ts";
import { EventFromEach } from "../../waiting/event_from_each.ts";
import { waitBlocking } from "../../waiting/wait_blocking.ts";

const SUPERVISED = ServiceEvent.supervised.charCodeAt(0);

/** Whether a supervisor has written the first status of a new service directory. */
function isSupervised(dir: string): boolean {
  return exists(CWD, `${dir}/${SupervisePath.status}`);
}

/**
 * Waits until new service directories, which have no status yet, are supervised. A supervisor writes the
 * status first and sends the event second, so it is enough to listen to one directory at a time, to that
 * of which nothing is known yet.
 *
 * @param directories Their paths, in the order in which the scan starts them: when the last one is
 *   supervised, most others are, and nothing is waited for a second time.
 * @param deadline When to give up, on the monotonic clock.
 * @returns false when the deadline came first.
 */
export function awaitSupervision(directories: readonly string[], deadline: number): boolean {
  for (const dir of directories.toReversed()) {
    if (isSupervised(dir)) continue;
    using listener = new Listener(`${dir}/${ServicePath.event}`);
    if (isSupervised(dir)) continue;
    if (!waitBlocking([listener], new EventFromEach(1, SUPERVISED), deadline)) return false;
  }
  return true;
}
