import { cleanFifodir } from "../../fifodir/clean.ts";
import type { Command } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";

/** `sv event clean`: removes the FIFOs that dead listeners left in a fifodir. */
export const eventCleanCommand: Command = {
  usage: "fifodir",
  help: "Removes from a fifodir the FIFOs of listeners that are gone. Live ones stay.",
  run(args) {
    const [fifodir] = operands(parseCommandLine(args).rest, ["fifodir"]);
    cleanFifodir(fifodir!);
    return 0;
  },
};
