import type { Command } from "../../cli/command.ts";
import { CHANGE_EXIT_HELP, CHANGE_OPTIONS_HELP, runChange, toward } from "./rc_change.ts";
import { parseRcOptions } from "../../cli/rc/rc_options.ts";

/** `sv rc start`: brings services up. */
export const rcStartCommand: Command = {
  usage: "[ -l live ] [ -b ] [ -a ] [ -v verbosity ] [ -n delay ] [ -t timeout ] name...",
  help: `Brings services up, with all that they depend on: 'sv rc change -u'.

${CHANGE_OPTIONS_HELP}

${CHANGE_EXIT_HELP}`,
  run: (args) => runChange(toward("up", parseRcOptions(args, "start"))),
};
