import type { Command } from "../../cli/command.ts";
import { parseCommandLine } from "../../cli/command_line.ts";
import {
  instanceDirectories,
  instanceTargets,
  operandsUsage,
} from "../../cli/instance/instance_target.ts";
import { optionsOf, wordsOf } from "../../cli/instance/words_of.ts";
import { STAT_OPTIONS, statCommand } from "../services/stat.ts";

/** `sv instance status`: prints the state of instances. */
export const instanceStatusCommand: Command = {
  get usage() {
    return statCommand.usage.replace("servicedir...", operandsUsage());
  },
  help: `Prints the state of instances, as sv stat does of services. An instance is named as sv help
instance create tells; a pattern such as 'web@*', in quotes, stands for all that match. Why they are as
they are, sv status 'web@*' tells.

${optionsOf(statCommand)}`,
  async run(args) {
    const { options, rest } = parseCommandLine(args, STAT_OPTIONS.short, STAT_OPTIONS.long);
    return await statCommand.run(wordsOf(options, instanceDirectories(instanceTargets(rest))));
  },
};
