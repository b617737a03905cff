import { complaining } from "../cli/dispatch.ts";
import { ExitCode, Failure, required } from "../cli/command.ts";
import { print } from "../cli/output.ts";
import { setProgram } from "../cli/program.ts";
import { VERSION } from "../cli/version.ts";
import { UsageError } from "../options/usage_error.ts";

const USAGE = "command …   (sv help lists the commands)";

/**
 * Runs `sv` with arguments that name no command: `sv --version`, `sv help`, and mistakes.
 *
 * @param argv0 The name by which it was called: a link named for a program of s6 is a mistake, too, where
 *   `sv` has nothing in its place.
 * @param args The arguments.
 */
export function withoutCommand(argv0: string, args: readonly string[]): Promise<number> {
  return complaining(USAGE, async () => {
    const program = argv0.slice(argv0.lastIndexOf("/") + 1);
    if (program.startsWith("s6-")) {
      const { allNames } = await import("./registry.ts");
      const { notInSv } = await import("../cli/instead.ts");
      setProgram(program, true);
      throw new Failure(
        `${notInSv(program, allNames())}, and remove the link ${argv0} to sv`,
        ExitCode.usage,
      );
    }
    const word = required(args[0], "command");
    if (word === "--version" || word === "-V") {
      print(`sv ${VERSION}\n`);
      return 0;
    }
    if (word === "help" || word === "--help" || word === "-h") {
      const { help } = await import("./help.ts");
      return await help(args.slice(1));
    }
    const { allNames } = await import("./registry.ts");
    const { noSuchCommand } = await import("../cli/instead.ts");
    throw new UsageError(noSuchCommand(args, allNames()));
  });
}
