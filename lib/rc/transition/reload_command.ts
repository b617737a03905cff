import { CWD, readFile } from "../../os/file.ts";
import { decodeOs } from "../../os/os_string.ts";
import { Signal, signalNumber } from "../../os/signal.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { SIGNAL_COMMANDS } from "../../supervise/machine.ts";

/** The commands that send one signal to the process, by signal. */
const commands = new Map<number, string>(
  Object.entries(SIGNAL_COMMANDS).flatMap(([command, signal]) =>
    typeof signal === "number" && !"PCK".includes(command) ? [[signal, command]] : []
  ),
);

/**
 * The command that tells a longrun to read its configuration again. The plain signal is preferred:
 * supervisors before s6 2.13 don't know how to look it up.
 *
 * @param directory The service directory.
 */
export function reloadCommand(directory: string): string {
  try {
    const [line] = decodeOs(readFile(CWD, `${directory}/reload-signal`, 64)).split("\n");
    return commands.get(signalNumber(line!) ?? 0) ?? "l";
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return commands.get(Signal.HUP)!;
    throw error;
  }
}
