import { cleanFifodir } from "../../fifodir/clean.ts";
import { type Command, required } from "../../cli/command.ts";

/** `sv event clean`: removes the FIFOs that dead listeners left in a fifodir. */
export const eventCleanCommand: Command = {
  usage: "fifodir",
  help: "Removes from a fifodir the FIFOs of listeners that are gone. Live ones stay.",
  run([fifodir]) {
    cleanFifodir(required(fifodir, "fifodir"));
    return 0;
  },
};
