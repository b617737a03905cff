import { type Command, ExitCode, Failure } from "../../cli/command.ts";
import { parseCommandLine } from "../../cli/command_line.ts";
import { createInstances } from "../../cli/instance/create_instances.ts";
import { instanceTargets, operandsUsage } from "../../cli/instance/instance_target.ts";
import { createNested } from "../../cli/instance/nested_instances.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { MILLISECONDS } from "../../options/parse_options.ts";
import { UsageError } from "../../options/usage_error.ts";
import { waitCommand } from "../services/wait.ts";

/** `sv instance create`: new instances of a template. */
export const instanceCreateCommand: Command = {
  get usage() {
    return "[ -d | -D ] [ -P ] [ -f ] [ -t timeout ] " +
      (isCalledAsS6() ? "" : "[ -w u|U ] [ -n ] ") + operandsUsage();
  },
  help: `Creates instances of a template, and waits until they are supervised.

A template is a service directory whose name ends with @, in the scan directory: web@. It is not
started itself. Its instance web@one is a service of the same scan, a directory of links to the
template's files, so that a change there reaches its next start; its run and finish get the argument
one in the place of the service's name. A file of its own comes from data/sv/instances/one/ in the
template. A name is that of an instance in the scan directory SVDIR, or /run/service where that is
not set; one that begins with a dot or a slash is a path.

With a service directory that s6-instance-maker or sv instance maker has made, and a name, the
instance belongs to that service's own scan, and is a copy of its template, as s6 has it.

  -d     supervise it, but don't start it
  -D     the same, and leave a file 'down' in it, so that it stays down
  -P     anyone may listen to its events; default: members of the caller's group
  -f     set these rights even if its fifodir exists already
  -t ms  wait no longer than that; default 0: no limit. What is not supervised then is taken out again
  -w u   wait until it is up; -w U: until it is ready, within the same time
  -n     only make the directories: the scan need not run, and finds them when it next looks

Exit codes: 0 success; 1 no scan is running, or a predecessor still goes down; 99 timed out; 100 wrong
usage, no template, or there is such an instance already; 111 system call failed.`,
  async run(args) {
    const isS6 = isCalledAsS6();
    const options = parseCommandLine(args, isS6 ? "dDfPt:" : "dDfPt:w:n");
    const timeout = options.number("t", MILLISECONDS) ?? 0;
    const awaited = options.value("w");
    if (awaited !== undefined && awaited !== "u" && awaited !== "U") {
      throw new UsageError(`option -w takes u or U, not '${awaited}'`);
    }
    const last = options.lastOf("d", "D");
    const start = last === "d" ? "down" as const : last === "D" ? "stay down" as const : undefined;
    if (awaited !== undefined && (start !== undefined || options.has("n"))) {
      throw new UsageError(`options -w and -${last ?? "n"} exclude each other: nothing is started`);
    }
    const { nested, scanned } = instanceTargets(options.rest, { patterns: false });
    const common = { start, public: options.has("P"), timeout };
    const dirs: string[] = [];
    if (nested) {
      if (options.has("n")) throw new UsageError("option -n is about instances TEMPLATE@NAME");
      if (!createNested(nested, { ...common, force: options.has("f") })) {
        throw new Failure(
          `timed out after ${timeout} milliseconds while waiting for the supervisor of ${nested.name}: ` +
            "took it out again",
          ExitCode.timedOut,
        );
      }
      dirs.push(`${nested.service}/instance/${nested.name}`);
    } else {
      createInstances(scanned, { ...common, offline: options.has("n") });
      dirs.push(...scanned.map(({ dir }) => dir));
    }
    if (awaited === undefined) return 0;
    return await waitCommand.run([`-${awaited}`, "-t", String(timeout), "--", ...dirs]);
  },
};
