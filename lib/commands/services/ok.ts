import { isSupervised } from "../../servicedir/is_supervised.ts";
import { type Command, ExitCode } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";

/** `sv ok`: whether a service is supervised. */
export const okCommand: Command = {
  usage: "servicedir",
  help: `Exits 0 when a supervisor (sv or s6) is running on the service directory, 1 when none is,
111 when that can't be found out.`,
  run(args) {
    const [dir] = operands(parseCommandLine(args).rest, ["service directory"]);
    return isSupervised(dir!) ? 0 : ExitCode.failed;
  },
};
