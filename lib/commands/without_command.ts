import { complaining, dispatch } from "../cli/dispatch.ts";
import { ExitCode, Failure, required } from "../cli/command.ts";
import { print } from "../cli/output.ts";
import { setProgram } from "../cli/program.ts";
import { allNames, commands } from "./registry.ts";
import { VERSION } from "../cli/version.ts";
import { UsageError } from "../options/usage_error.ts";

const USAGE = "command …   (sv help lists the commands)";

/** Runs a command line of runit's `sv`, with options before the verb; undefined where it is none. */
async function asRunit(args: readonly string[]): Promise<number | undefined> {
  const { optionsBehind } = await import("../cli/by_name/options_behind.ts");
  const behind = optionsBehind(args);
  return behind && await dispatch("sv", behind, commands);
}

/**
 * Runs `sv` with arguments that don't begin with a command: `sv --version`, `sv help`, and mistakes.
 *
 * @param argv0 The name by which it was called: a link named for a program of s6 is a mistake, too, where
 *   `sv` has nothing in its place.
 * @param args The arguments.
 */
export async function withoutCommand(argv0: string, args: readonly string[]): Promise<number> {
  const program = argv0.slice(argv0.lastIndexOf("/") + 1);
  if (args[0]?.startsWith("-") && !program.startsWith("s6-")) {
    const code = await asRunit(args);
    if (code !== undefined) return code;
  }
  return await complaining(USAGE, async () => {
    if (program.startsWith("s6-")) {
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
    const { noSuchCommand } = await import("../cli/instead.ts");
    throw new UsageError(noSuchCommand(args, allNames()));
  });
}
