import { makeFifodir } from "../../fifodir/make.ts";
import { type Command, required } from "../../cli/command.ts";
import { parseOptions, unsigned } from "../../options/parse_options.ts";

/** `sv event make`: makes a fifodir. */
export const eventMakeCommand: Command = {
  usage: "[ -f ] [ -g gid ] fifodir",
  help:
    `Makes a fifodir, where anyone may listen and its owner notifies. One that exists stays as it
is.

  -g gid  only the members of this group may listen
  -f      set the rights of one that exists, too`,
  run(args) {
    const { options, rest } = parseOptions(args, "fg:");
    let force = false;
    let group: number | undefined;
    for (const { name, value } of options) {
      if (name === "f") force = true;
      else group = unsigned(value, "the group");
    }
    const fifodir = required(rest[0], "fifodir");
    makeFifodir(fifodir, group === undefined ? { force } : { force, group });
    return 0;
  },
};
