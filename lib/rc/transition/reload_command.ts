import { CWD, readFile } from "../../os/file.ts";
import { decodeOs } from "../../os/os_string.ts";
import { signalNumber } from "../../os/signal.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { commandForSignal, ControlCommand, ServicePath } from "../../servicedir/protocol.ts";

/**
 * The command that tells a longrun to read its configuration again. The plain signal is preferred:
 * supervisors before s6 2.13 don't know how to look it up.
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
