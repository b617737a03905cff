/**
 * Becoming another program: same process id, same descriptors.
 *
 * @module
 */

import { resetSignals } from "../signal_state.ts";
import { environment } from "../environment.ts";
import { libc } from "../libc.ts";
import { cString, CStrings } from "../os_string.ts";
import { Errno, lastErrno, SystemError } from "../system_error.ts";
import { setSoftOpenFiles } from "../limits.ts";
import { softLimitAtStart } from "../runtime/soft_limit_at_start.ts";

const DEFAULT_PATH = "/usr/bin:/bin";

/** Returns the paths that a program may have, in the order in which execvp(3) tries them. */
export function candidates(program: string, path: string | undefined): string[] {
  if (program.includes("/")) return [program];
  return (path ?? DEFAULT_PATH).split(":").map((directory) => `${directory || "."}/${program}`);
}

/** Makes signals and limits what they were when this program was started. */
function restoreProcess(softNofile = softLimitAtStart()): void {
  if (softNofile !== undefined) setSoftOpenFiles(softNofile);
  resetSignals();
}

/** What {@linkcode exec} leaves as it is. */
export interface ExecOptions {
  /** Leave signals and limits as they are now. */
  readonly keepSignalsAndLimits?: boolean;
  /** The soft limit on open files; default: the one at the start. */
  readonly softNofile?: number | undefined;
}

/**
 * Becomes another program, found by `PATH` as in a shell. Descriptors, process id, environment and
 * working directory stay; signals and limits become what they were at the start, unless they are kept.
 *
 * @returns Only when that failed: the reason.
 */
export function exec(
  argv: readonly string[],
  options: ExecOptions = {},
): SystemError {
  if (!options.keepSignalsAndLimits) restoreProcess(options.softNofile);
  const strings = new CStrings(argv);
  let errno: number = Errno.ENOENT;
  for (const path of candidates(argv[0]!, Deno.env.get("PATH"))) {
    libc.execve(cString(path), strings.pointers, environment());
    const reason = lastErrno();
    // As execvp(3): look further, but remember that a program was there that may not be run.
    if (reason === Errno.EACCES) errno = reason;
    else if (reason !== Errno.ENOENT && reason !== Errno.ENOTDIR) {
      errno = reason;
      break;
    }
  }
  return new SystemError(`run ${argv[0]}`, errno);
}

/** Returns the exit code of a command that could not become a program. */
export function execFailureCode(error: SystemError): number {
  return error.errno === Errno.ENOENT ? 127 : 126;
}
