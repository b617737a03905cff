import { complaining } from "../cli/dispatch.ts";
import { required } from "../cli/command.ts";
import { print } from "../cli/output.ts";
import { VERSION } from "../cli/version.ts";

const USAGE = "command …   (sv help lists the commands)";

/** Runs `sv` with arguments that name no command: `sv --version`, `sv help`, and mistakes. */
export function withoutCommand(args: readonly string[]): Promise<number> {
  return complaining(USAGE, async () => {
    const word = required(args[0], "command");
    if (word === "--version" || word === "-V") {
      print(`sv ${VERSION}\n`);
      return 0;
    }
    const { help, unknownCommand } = await import("./help.ts");
    if (word === "help" || word === "--help" || word === "-h") {
      return await help(args.slice(1));
    }
    throw unknownCommand(args);
  });
}
