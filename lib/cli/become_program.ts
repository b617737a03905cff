import { exec, execFailureCode } from "../os/spawn/exec.ts";
import { Failure } from "./command.ts";

/** Becomes another program, found by `PATH`; with none, there is nothing left to do. */
export function becomeProgram(argv: readonly string[]): number {
  if (argv.length === 0) return 0;
  const error = exec(argv);
  throw new Failure(error.message, execFailureCode(error));
}
