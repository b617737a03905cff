import { makeFifodir } from "../../fifodir/make.ts";
import type { Command } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";

/** `sv event make`: makes a fifodir. */
export const eventMakeCommand: Command = {
  usage: "[ -f ] [ -g gid ] fifodir",
  help:
    `Makes a fifodir, where anyone may listen and its owner notifies. One that exists stays as it
is.

  -g gid  only the members of this group may listen
  -f      set the rights of one that exists, too`,
  run(args) {
    const options = parseCommandLine(args, "fg:");
    const force = options.has("f");
    const group = options.number("g", "the number of a group");
    const [fifodir] = operands(options.rest, ["fifodir"]);
    makeFifodir(fifodir!, group === undefined ? { force } : { force, group });
    return 0;
  },
};
