import { clearDeathTally } from "../../servicedir/death_tally.ts";
import { type Command, required } from "../../cli/command.ts";

/** `sv clear-death-tally`: makes a service forget its deaths. */
export const clearDeathTallyCommand: Command = {
  usage: "servicedir",
  help: `Makes a service forget its deaths: 'sv death-tally' prints none, and 'sv permafailon'
counts from here.`,
  run([dir]) {
    clearDeathTally(required(dir, "service directory"));
    return 0;
  },
};
