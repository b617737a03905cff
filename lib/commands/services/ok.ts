import { isSupervised } from "../../servicedir/is_supervised.ts";
import { type Command, ExitCode, required } from "../../cli/command.ts";

/** `sv ok`: whether a service is supervised. */
export const okCommand: Command = {
  usage: "servicedir",
  help: `Exits 0 when a supervisor (sv or s6) is running on the service directory, 1 when none is,
111 when that can't be found out.`,
  run([dir]) {
    return isSupervised(required(dir, "service directory")) ? 0 : ExitCode.failed;
  },
};
