import type { Command } from "../../cli/command.ts";
import { parseCommandLine } from "../../cli/command_line.ts";
import {
  instanceDirectories,
  instanceTargets,
  operandsUsage,
} from "../../cli/instance/instance_target.ts";
import { optionsOf, wordsOf } from "../../cli/instance/words_of.ts";
import { CONTROL_OPTIONS, controlCommand } from "../services/control.ts";

/** `sv instance control`: sends commands to the supervisors of instances. */
export const instanceControlCommand: Command = {
  get usage() {
    return controlCommand.usage.replace("servicedir...", operandsUsage());
  },
  help: `Sends commands to the supervisors of instances, as sv control does to those of services. An
instance is named as sv help instance create tells; a pattern such as 'web@*', in quotes, stands for
all that match.

${optionsOf(controlCommand)}`,
  async run(args) {
    const { options, rest } = parseCommandLine(args, CONTROL_OPTIONS);
    return await controlCommand.run(wordsOf(options, instanceDirectories(instanceTargets(rest))));
  },
};
