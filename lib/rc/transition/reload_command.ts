import { CWD, readFile } from "../../os/file.ts";
import { decodeOs } from "../../os/os_string.ts";
import { signalNumber } from "../../os/signal.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { ControlCommand, ServicePath } from "../../servicedir/protocol.ts";
import { commandForSignal } from "../../servicedir/signal_commands.ts";

/**
 * Returns the command that makes a longrun read its configuration again: that of the signal which
 * `reload-signal` names (without that file, HUP), if the signal has a command. Supervisors before
 * s6 2.13 don't know the general command `l`, with which the supervisor itself looks at that file.
 *
 * @param directory The service directory.
 */
export function reloadCommand(directory: string): ControlCommand {
  try {
    const [line] = decodeOs(readFile(CWD, `${directory}/${ServicePath.reloadSignal}`, 64)).split(
      "\n",
    );
    return commandForSignal(signalNumber(line!) ?? 0) ?? ControlCommand.reload;
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return ControlCommand.hangUp;
    throw error;
  }
}
