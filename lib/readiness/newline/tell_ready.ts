import { controlAbout } from "../../servicedir/control.ts";
import { isSv } from "../../servicedir/is_sv.ts";
import { ControlCommand } from "../../servicedir/protocol.ts";
import { readStatus } from "../../servicedir/status.ts";
import { tryWriteNewline } from "./notification_fd.ts";

/**
 * Tells the supervisor that the daemon is ready, by a newline. Where the notification pipe has lost its
 * reader the supervisor was killed; if another `sv` has taken the service over, it gets a command byte.
 *
 * @param fd The notification descriptor.
 * @param pid The daemon's process id, as the supervisor knows it: the service may have a new daemon by
 *   now, which must not be taken for ready.
 * @returns false where there is no supervisor to tell.
 */
export function tellReady(fd: number, pid: number): boolean {
  if (tryWriteNewline(fd) >= 0) return true;
  try {
    if (!isSv(".") || readStatus(".").pid !== pid) return false;
    controlAbout(".", pid, ControlCommand.ready);
    return true;
  } catch {
    return false;
  }
}
