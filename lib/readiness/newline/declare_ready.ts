import { notify } from "../../fifodir/notify.ts";
import { CWD } from "../../os/file.ts";
import { stat } from "../../os/file_status.ts";
import { SystemError } from "../../os/system_error.ts";
import { controlAbout } from "../../servicedir/control.ts";
import { isSv } from "../../servicedir/is_sv.ts";
import { ControlCommand, ServiceEvent, ServicePath } from "../../servicedir/protocol.ts";

/** Returns whether two paths lead to one file. */
function same(a: string, b: string): boolean {
  try {
    return stat(CWD, a).identity === stat(CWD, b).identity;
  } catch {
    return false;
  }
}

/**
 * Declares the service in the working directory ready, without a notification descriptor.
 *
 * Only the supervisor writes the status file. `sv` takes a byte on its control FIFO for that, which s6
 * does not know, and then acts as for a newline: status first, event second. Under s6 the event is all
 * that can be sent.
 *
 * @param fifodir The fifodir that gets the event.
 * @param pid The daemon, in the PID namespace of `/proc`: `sv` does not take a later one for ready.
 */
export function declareReady(fifodir: string, pid: number): void {
  let sent = false;
  if (isSv(".")) {
    try {
      controlAbout(".", pid, ControlCommand.ready);
      // The supervisor sends the event to `event` itself: listeners must not get it twice.
      sent = same(fifodir, ServicePath.event);
    } catch (error) {
      // The supervisor has exited meanwhile: there is no status to change, but the event can be sent.
      if (error instanceof SystemError) throw error;
    }
  }
  if (!sent) notify(fifodir, ServiceEvent.ready);
}
