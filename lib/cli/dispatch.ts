import { SystemError } from "../os/system_error.ts";
import { NotSupervisedError } from "../servicedir/control.ts";
import { type Command, Failure, UsageError } from "./command.ts";
import { complain, print, reason } from "./output.ts";
import { findAmong, type RegisteredCommand } from "./registered_command.ts";

/** The exit codes that mean the same everywhere. */
export const ExitCode = { usage: 100, supervisorDied: 102, systemCall: 111 } as const;

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return ExitCode.usage;
  if (error instanceof Failure) return error.exitCode;
  if (error instanceof NotSupervisedError) return ExitCode.supervisorDied;
  return ExitCode.systemCall;
}

/**
 * Turns whatever is thrown into a line on standard error (two, where it was used wrongly) and an exit
 * code.
 *
 * @param program What the line begins with.
 * @param usage Its usage.
 * @param run What may throw.
 * @returns The exit code.
 */
export async function complaining(
  program: string,
  usage: string,
  run: () => number | Promise<number>,
): Promise<number> {
  try {
    return await run();
  } catch (error) {
    complain(`${program}: fatal: ${reason(error)}`);
    if (error instanceof UsageError) complain(`usage: ${program} ${usage}`);
    if (
      !(error instanceof UsageError || error instanceof Failure || error instanceof SystemError ||
        error instanceof NotSupervisedError) && Deno.env.has("SV_DEBUG")
    ) {
      complain(error instanceof Error ? error.stack ?? "" : "");
    }
    return exitCodeOf(error);
  }
}

/** Runs a loaded command, or prints its help. */
function runCommand(program: string, command: Command, args: readonly string[]): Promise<number> {
  return complaining(program, command.usage, () => {
    if (args[0] !== "--help") return command.run(args);
    print(`usage: ${program} ${command.usage}\n\n${command.help.trim()}\n`);
    return 0;
  });
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Finds the command that arguments name, in one word or two (`event wait`). */
function find(
  commands: readonly RegisteredCommand[],
  args: readonly string[],
): { command: RegisteredCommand; words: number } | undefined {
  const two = args.length > 1 ? findAmong(commands, `${args[0]} ${args[1]}`) : undefined;
  if (two) return { command: two, words: 2 };
  const one = args.length > 0 ? findAmong(commands, args[0]!) : undefined;
  return one && { command: one, words: 1 };
}

/**
 * Runs the subcommand that is asked for, or the program of s6 as whose name `sv` was called.
 *
 * @param argv0 The name under which the program was called.
 * @param args Its arguments.
 * @param commands The commands that there are.
 * @returns The exit code; undefined where none of the commands is asked for.
 */
export async function dispatch(
  argv0: string,
  args: readonly string[],
  commands: readonly RegisteredCommand[],
): Promise<number | undefined> {
  const applet = findAmong(commands, basename(argv0));
  if (applet && basename(argv0) === applet.counterpart) {
    return await runCommand(basename(argv0), await applet.load(), args);
  }
  const found = find(commands, args);
  if (!found) return undefined;
  const program = args[0] === found.command.counterpart
    ? args[0]!
    : `sv ${args.slice(0, found.words).join(" ")}`;
  return await runCommand(program, await found.command.load(), args.slice(found.words));
}
