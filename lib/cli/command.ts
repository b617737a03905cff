export { UsageError } from "../options/usage_error.ts";

/** One subcommand of `sv`: arguments in, exit code out. */
export interface Command {
  /** What follows the name, for the usage line. */
  readonly usage: string;
  /** What it does, its options with units and defaults, its exit codes: for `sv help NAME`. */
  readonly help: string;
  /** Runs it; errors are thrown. */
  run(args: readonly string[]): number | Promise<number>;
}

/** A failure that a command foresaw, with the exit code it calls for. */
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
