import { CWD } from "../os/file.ts";
import { exec, execFailureCode } from "../os/spawn/exec.ts";
import { whyNotRun } from "../os/spawn/why_not_run.ts";
import { Errno, errnoMessage } from "../os/system_error.ts";
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
  const [program] = argv as [string];
  const reason = program.includes("/")
    ? whyNotRun(CWD, program, error.errno)
    : error.errno === Errno.ENOENT
    ? "there is no such program in PATH"
    : errnoMessage(error.errno);
  throw new Failure(`cannot run ${program}: ${reason}`, execFailureCode(error));
}
