import { tryWrite } from "../../os/file.ts";
import { control } from "../../servicedir/control.ts";
import { isSv } from "../../servicedir/is_sv.ts";
import { ControlCommand, NEWLINE } from "../../servicedir/protocol.ts";
import { readStatus } from "../../servicedir/status.ts";

const newline = Uint8Array.of(NEWLINE);

/**
 * Tells the supervisor that the daemon is ready: by a newline. Where nobody reads that any more, the
 * supervisor was killed; if `sv` has taken the service over meanwhile, it is told by a command.
 *
 * @param fd The notification descriptor.
 * @param pid The daemon, as the supervisor knows it: no other is to be taken for ready.
 * @returns Whether there was anybody to tell.
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
