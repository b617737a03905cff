import { tryWrite } from "../../os/file.ts";
import { control } from "../../servicedir/control.ts";
import { isSv } from "../../servicedir/is_sv.ts";
import { ControlCommand, NEWLINE } from "../../servicedir/protocol.ts";
import { readStatus } from "../../servicedir/status.ts";

const newline = Uint8Array.of(NEWLINE);

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
  if (tryWrite(fd, newline) >= 0) return true;
  try {
    if (!isSv(".") || readStatus(".").pid !== pid) return false;
    control(".", ControlCommand.ready);
    return true;
  } catch {
    return false;
  }
}
