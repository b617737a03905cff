import { complaining } from "../cli/dispatch.ts";
import { UsageError } from "../cli/command.ts";
import { print } from "../cli/output.ts";
import { VERSION } from "../cli/version.ts";

const USAGE = "command …   (sv help lists the commands)";

/** Runs `sv` with arguments that name no command: `sv --version`, `sv help`, and mistakes. */
export function withoutCommand(args: readonly string[]): Promise<number> {
  return complaining("sv", USAGE, async () => {
    if (args.length === 0) throw new UsageError("no command given");
    if (args[0] === "--version" || args[0] === "-V") {
      print(`sv ${VERSION}\n`);
      return 0;
    }
    const { help, unknownCommand } = await import("./help.ts");
    if (args[0] === "help" || args[0] === "--help" || args[0] === "-h") {
      return await help(args.slice(1));
    }
    throw unknownCommand(args);
  });
}
