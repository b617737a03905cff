import { UsageError } from "../options/usage_error.ts";
import { isCalledAsS6 } from "./program.ts";

/** One subcommand of `sv`: arguments in, exit code out. */
export interface Command {
  /** What follows the name, for the usage line. */
  readonly usage: string;
  /** For `sv help NAME`: what it does, its options with units and defaults, its exit codes. */
  readonly help: string;
  /** Runs it, and returns the exit code; throws where something goes wrong. */
  run(args: readonly string[]): number | Promise<number>;
}

/** Exit codes that mean the same in every command. */
export const ExitCode = {
  /** The answer is no, or a part of the work could not be done. */
  failed: 1,
  /** The time limit has passed. */
  timedOut: 99,
  /** Wrong usage; also a directory, or a descriptor, with which the command can't work. */
  usage: 100,
  /** No supervisor is running. */
  supervisorDied: 102,
  /** A system call has failed. */
  systemCall: 111,
} as const;

/** A failure for which a command has an exit code of its own. */
export class Failure extends Error {
  override name = "Failure";

  /**
   * @param message What was tried, on which path, what is wrong, what to do.
   * @param exitCode The exit code.
   */
  constructor(message: string, readonly exitCode: number) {
    super(message);
  }
}

/**
 * Returns an argument that must not be missing.
 *
 * @param value The argument, or undefined where none was given.
 * @param what What it is, for the error.
 * @throws {UsageError} when it is missing.
 */
export function required(value: string | undefined, what: string): string {
  if (value === undefined) throw new UsageError(`no ${what} given`);
  return value;
}

/**
 * Returns the program that is to be run, and its arguments.
 *
 * @param argv What was given in its place.
 * @throws {UsageError} when there is none.
 */
export function requiredProgram(argv: readonly string[]): readonly string[] {
  if (required(argv[0], "program") === "" && !isCalledAsS6()) {
    throw new UsageError("an empty string is no program");
  }
  return argv;
}
