import { reasonOf, SystemError } from "../os/system_error.ts";
import { NotSupervisedError } from "../servicedir/control.ts";
import { ExitCode, Failure } from "./command.ts";
import { UsageError } from "../options/usage_error.ts";
import { helpText } from "./documentation/help_text.ts";
import { complain, print, say } from "./output.ts";
import { programName, setProgram } from "./program.ts";
import { findAmong, type RegisteredCommand } from "./registered_command.ts";

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof Failure) return error.exitCode;
  if (error instanceof NotSupervisedError) return ExitCode.supervisorDied;
  return ExitCode.systemCall;
}

/**
 * Runs a program's main function. An error becomes an exit code and a line on standard error; wrong
 * usage adds a line of usage.
 *
 * @param usage What follows the name in the line of usage.
 * @param run The main function.
 * @returns The exit code.
 */
export async function complaining(
  usage: string,
  run: () => number | Promise<number>,
): Promise<number> {
  try {
    return await run();
  } catch (error) {
    return explain(error, usage);
  }
}

/** Writes why a command has failed; returns the exit code. */
function explain(error: unknown, usage: string): number {
  say(`fatal: ${reasonOf(error)}`);
  if (error instanceof UsageError) complain(`usage: ${programName()} ${usage}`);
  if (
    !(error instanceof UsageError || error instanceof Failure || error instanceof SystemError ||
      error instanceof NotSupervisedError) && Deno.env.has("SV_DEBUG")
  ) {
    complain(error instanceof Error ? error.stack ?? "" : "");
  }
  return exitCodeOf(error);
}

/** Runs a loaded command, or prints its help. */
async function runCommand(
  registered: RegisteredCommand,
  args: readonly string[],
): Promise<number> {
  const command = await registered.load();
  try {
    if (args[0] !== "--help") return await command.run(args);
    print(helpText(programName(), command, await registered.examples?.() ?? []));
    return 0;
  } catch (error) {
    return explain(error, command.usage);
  }
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * Runs the subcommand that the first arguments name. If `sv` was called by the name of a program of
 * s6, runs the subcommand that does the same, with all arguments.
 *
 * @param argv0 The name by which `sv` was called, possibly with a path.
 * @param args Its arguments.
 * @param commands The commands to choose from.
 * @returns The exit code, or undefined where no command is named, or a program of s6 that has no
 *   counterpart.
 */
export async function dispatch(
  argv0: string,
  args: readonly string[],
  commands: readonly RegisteredCommand[],
): Promise<number | undefined> {
  const program = basename(argv0);
  const applet = findAmong(commands, program);
  if (applet && program === applet.counterpart) {
    setProgram(program, true);
    return await runCommand(applet, args);
  }
  // A link named for a program of s6 that has no counterpart: its arguments name no command.
  if (program.startsWith("s6-") || args.length === 0) return undefined;
  // A command's name has one word, or two (`event wait`).
  const two = args.slice(0, 2).join(" ");
  const long = findAmong(commands, two);
  const words = long ? two : args[0]!;
  const command = long ?? findAmong(commands, words);
  if (!command) return undefined;
  const isS6 = words === command.counterpart;
  setProgram(isS6 ? words : `sv ${words}`, isS6);
  return await runCommand(command, args.slice(long && args.length > 1 ? 2 : 1));
}
