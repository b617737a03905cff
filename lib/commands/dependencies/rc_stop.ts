import type { Command } from "../../cli/command.ts";
import { CHANGE_EXIT_HELP, CHANGE_OPTIONS_HELP, runChange, toward } from "./rc_change.ts";
import { parseRcOptions } from "../../cli/rc/rc_options.ts";

/** `sv rc stop`: brings services down. */
export const rcStopCommand: Command = {
  usage: "[ -l live ] [ -b ] [ -a ] [ -D ] [ -v verbosity ] [ -n delay ] [ -t timeout ] name...",
  help: `Brings services down, with all that depend on them: 'sv rc change -d'.

  -D, --all-down           essential services, too
${CHANGE_OPTIONS_HELP}

${CHANGE_EXIT_HELP}`,
  run: (args) => runChange(toward("down", parseRcOptions(args, "stop"))),
};
