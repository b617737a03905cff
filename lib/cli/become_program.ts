import { CWD } from "../os/file.ts";
import { exec, execFailureCode, type ExecOptions } from "../os/spawn/exec.ts";
import { whyNotRun } from "../os/spawn/why_not_run.ts";
import { Errno, errnoMessage, type SystemError } from "../os/system_error.ts";
import { Failure } from "./command.ts";

/**
 * Replaces this process with another program, which is looked up in `PATH`.
 *
 * @param argv The program and its arguments.
 * @param options What stays as it is, and where the program is looked for.
 * @returns The exit code 0 where no program is given; otherwise it doesn't return.
 * @throws {Failure} when the program can't be run.
 */
export function becomeProgram(argv: readonly string[], options: ExecOptions = {}): number {
  if (argv.length === 0) return 0;
  const error = exec(argv, options);
  throw cannotRun(argv[0]!, error);
}

/** Returns the failure of a program that can't be run: 127 where there is none, else 126. */
export function cannotRun(program: string, error: SystemError): Failure {
  const reason = program.includes("/")
    ? whyNotRun(CWD, program, error.errno)
    : error.errno === Errno.ENOENT
    ? "there is no such program in PATH"
    : errnoMessage(error.errno);
  return new Failure(`cannot run ${program}: ${reason}`, execFailureCode(error));
}
