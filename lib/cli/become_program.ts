import { exec, execFailureCode } from "../os/spawn/exec.ts";
import { Failure } from "./command.ts";

/**
 * Replaces this process with another program, which is looked up in `PATH`.
 *
 * @returns The exit code 0 where no program is given; otherwise it doesn't return.
 * @throws {Failure} when the program can't be run.
 */
export function becomeProgram(argv: readonly string[]): number {
  if (argv.length === 0) return 0;
  const error = exec(argv);
  throw new Failure(error.message, execFailureCode(error));
}
