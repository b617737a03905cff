import { clearDeathTally } from "../../servicedir/death_tally.ts";
import type { Command } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";

/** `sv clear-death-tally`: makes a service forget its deaths. */
export const clearDeathTallyCommand: Command = {
  usage: "servicedir",
  help: `Makes a service forget its deaths: 'sv death-tally' prints none, and 'sv permafailon'
counts from here.`,
  run(args) {
    const [dir] = operands(parseCommandLine(args).rest, ["service directory"]);
    clearDeathTally(dir!);
    return 0;
  },
};
