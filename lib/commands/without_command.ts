import { ExitCode } from "./dispatch.ts";
import { complain, print } from "./output.ts";
import { VERSION } from "./version.ts";

/** Runs `sv` with arguments that name no command: `sv --version`, `sv help`, and mistakes. */
export async function withoutCommand(args: readonly string[]): Promise<number> {
  if (args.length === 0) {
    complain("sv: fatal: no command given");
    complain("usage: sv command …   (sv help lists the commands)");
    return ExitCode.usage;
  }
  if (args[0] === "--version" || args[0] === "-V") {
    print(`sv ${VERSION}\n`);
    return 0;
  }
  const { help, unknownCommand } = await import("./help.ts");
  if (args[0] === "help" || args[0] === "--help" || args[0] === "-h") {
    return await help(args.slice(1));
  }
  return unknownCommand(args);
}
