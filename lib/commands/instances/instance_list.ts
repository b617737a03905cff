import type { Command } from "../../cli/command.ts";
import { operands, parseCommandLine } from "../../cli/command_line.ts";
import { UsageError } from "../../options/usage_error.ts";
import { isNested } from "../../cli/instance/instance_target.ts";
import { instancesIn, visibleNames } from "../../cli/instance/list_instances.ts";
import { requireScan } from "../../cli/instance/require_scan.ts";
import { print } from "../../cli/output.ts";
import { isCalledAsS6 } from "../../cli/program.ts";
import { namedService, scanDirectory } from "../../cli/status/service_names.ts";
import { INSTANCE_MARK, isTemplateName } from "../../servicedir/instance_name.ts";

/** Returns the instances of a template, as they are named on a command line. */
function ofTemplate(word: string): string[] {
  const { name, dir } = namedService(isTemplateName(word) ? word : `${word}${INSTANCE_MARK}`);
  const slash = dir.lastIndexOf("/");
  const scandir = slash < 0 ? "." : dir.slice(0, slash) || "/";
  const before = name.slice(0, name.lastIndexOf("/") + 1);
  return instancesIn(scandir, dir.slice(slash + 1)).map((service) => before + service);
}

/** `sv instance list`: the names of instances. */
export const instanceListCommand: Command = {
  usage: "[ template | servicedir ]",
  help:
    `Prints the names of instances, a line each, whether they are up or down: those of a template,
web or web@; those in the scan of a service directory that sv instance maker has made; or all of the
scan directory SVDIR, or /run/service where that is not set.

Exit codes: 0 success; 1 the scan of the service directory is not running; 100 wrong usage; 111 system
call failed.`,
  run(args) {
    const { rest } = parseCommandLine(args);
    const isS6 = isCalledAsS6();
    const [given] = operands(rest, ["template or service directory"], isS6 ? 0 : 1);
    const lines = (names: readonly string[]) => names.forEach((name) => print(`${name}\n`));
    if (given === "") throw new UsageError("an empty string is no service directory");
    if (given !== undefined && (isS6 || isNested(given))) {
      requireScan(`${given}/instance`, "list instances");
      lines(visibleNames(`${given}/instance`));
    } else lines(given === undefined ? instancesIn(scanDirectory()) : ofTemplate(given));
    return 0;
  },
};
