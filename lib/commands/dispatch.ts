import { SystemError } from "../os/system_error.ts";
import { NotSupervisedError } from "../servicedir/control.ts";
import { type Command, Failure, UsageError } from "./command.ts";
import { complain, print, reason } from "./output.ts";
import { findCommand, type RegisteredCommand } from "./registry.ts";
import { VERSION } from "./version.ts";

/** The exit codes that mean the same everywhere. */
export const ExitCode = { usage: 100, supervisorDied: 102, systemCall: 111 } as const;

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof Failure) return error.exitCode;
  if (error instanceof NotSupervisedError) return ExitCode.supervisorDied;
  return ExitCode.systemCall;
}

/** Runs a loaded command, and turns what it throws into a line (or two) and an exit code. */
async function runCommand(
  program: string,
  command: Command,
  args: readonly string[],
): Promise<number> {
  if (args[0] === "--help") {
    print(`usage: ${program} ${command.usage}\n\n${command.help.trim()}\n`);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    complain(`${program}: fatal: ${reason(error)}`);
    if (error instanceof UsageError) complain(`usage: ${program} ${command.usage}`);
    if (
      !(error instanceof UsageError || error instanceof Failure || error instanceof SystemError ||
        error instanceof NotSupervisedError) && Deno.env.has("SV_DEBUG")
    ) {
      complain(error instanceof Error ? error.stack ?? "" : "");
    }
    return exitCodeOf(error);
  }
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Finds the command that arguments name, in one word or two (`event wait`). */
function find(args: readonly string[]): { command: RegisteredCommand; words: number } | undefined {
  const two = args.length > 1 ? findCommand(`${args[0]} ${args[1]}`) : undefined;
  if (two) return { command: two, words: 2 };
  const one = args.length > 0 ? findCommand(args[0]!) : undefined;
  return one && { command: one, words: 1 };
}

/**
 * Runs `sv`, or the program of s6 as whose name it was called.
 *
 * @param argv0 The name under which the program was called.
 * @param args Its arguments.
 * @returns The exit code.
 */
export async function dispatch(argv0: string, args: readonly string[]): Promise<number> {
  const applet = findCommand(basename(argv0));
  if (applet && basename(argv0) === applet.counterpart) {
    return await runCommand(basename(argv0), await applet.load(), args);
  }
  if (args.length === 0) {
    complain("sv: fatal: no command given");
    complain("usage: sv command …   (sv help lists the commands)");
    return ExitCode.usage;
  }
  const found = find(args);
  if (found) {
    const program = args[0] === found.command.counterpart
      ? args[0]!
      : `sv ${args.slice(0, found.words).join(" ")}`;
    return await runCommand(program, await found.command.load(), args.slice(found.words));
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
