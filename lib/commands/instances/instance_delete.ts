import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { parseCommandLine } from "../../cli/command_line.ts";
import { deleteInstances } from "../../cli/instance/delete_instances.ts";
import { instanceTargets, operandsUsage } from "../../cli/instance/instance_target.ts";
import { deleteNested } from "../../cli/instance/nested_instances.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { MILLISECONDS } from "../../options/parse_options.ts";

/** `sv instance delete`: takes instances away. */
export const instanceDeleteCommand: Command = {
  get usage() {
    return `[ -X ] [ -t timeout ] ${operandsUsage()}`;
  },
  help: `Deletes instances: brings each down, waits until its finish script and its supervision have
ended, and removes its directory. It may be repeated after it was killed. An instance is named as
sv help instance create tells; a pattern such as 'web@*', in quotes, stands for all that match.

  -X     don't wait: the directory is removed by the next command that makes or deletes instances
  -t ms  wait no longer than that; default 0: no limit. The instance goes down even so

Exit codes: 0 success; 1 there is no such instance, or no scan is running; 99 timed out; 100 wrong
usage; 111 system call failed. By the name of s6's program, a time limit that is over is no failure,
nor is an instance that does not exist.`,
  run(args) {
    const options = parseCommandLine(args, "Xt:");
    const timeout = options.number("t", MILLISECONDS) ?? 0;
    const wait = !options.has("X");
    const { nested, scanned } = instanceTargets(options.rest);
    if (scanned) {
      deleteInstances(scanned, { wait, timeout });
      return 0;
    }
    if (deleteNested(nested, { wait, timeout }) || isCalledAsS6()) return 0;
    throw new Failure(
      `timed out after ${timeout} milliseconds: ${nested.name} still goes down, and will not come back`,
      ExitCode.timedOut,
    );
  },
};
