import { notify } from "../../fifodir/notify.ts";
import { CWD, stat } from "../../os/file.ts";
import { SystemError } from "../../os/system_error.ts";
import { control } from "../../servicedir/control.ts";
import { isSv } from "../../servicedir/is_sv.ts";
import { ControlCommand, ServiceEvent, ServicePath } from "../../servicedir/protocol.ts";

/** Whether two paths lead to one file. */
function same(a: string, b: string): boolean {
  try {
    return stat(CWD, a).identity === stat(CWD, b).identity;
  } catch {
    return false;
  }
}

/**
 * Makes it known that the service in the working directory is ready, from outside of its supervisor.
 *
 * The status file belongs to the supervisor. `sv` is told by a byte on its control FIFO that s6 does
 * not know; it then does as for a newline: status first, event second. s6 has no such thing, so there
 * the event is all that can be sent.
 *
 * @param fifodir Who listens there is told.
 */
export function declareReady(fifodir: string): void {
  let told = false;
  if (isSv(".")) {
    try {
      control(".", ControlCommand.ready);
      // The supervisor tells those who listen to `event`: they must not hear it twice.
      told = same(fifodir, ServicePath.event);
    } catch (error) {
      // A supervisor that has gone meanwhile takes the service's status with it; the event is left.
      if (error instanceof SystemError) throw error;
    }
  }
  if (!told) notify(fifodir, ServiceEvent.ready);
}
