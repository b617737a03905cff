/**
 * Becoming another program: same process id, same descriptors.
 *
 * @module
 */

import { resetSignals } from "../signal_state.ts";
import { environment } from "../environment.ts";
import { compileNow, libc } from "../libc.ts";
import { type CPath, cString, CStrings } from "../os_string.ts";
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
  /** Where the program is looked for; default: `PATH` of the environment that it gets. */
  readonly path?: string | undefined;
}

/**
 * Becomes the program at the first of some paths that can be run, as execvp(3) tries them.
 *
 * This asks V8 for no memory: there may be none under a limit that {@linkcode prepareExec}'s user has set.
 *
 * @returns Only when that failed: errno.
 */
function execFirst(
  paths: readonly CPath[],
  argv: CStrings,
  environ: bigint,
): number {
  let errno: number = Errno.ENOENT;
  for (let index = 0; index < paths.length; index++) {
    libc.execve(paths[index]!, argv.pointers, environ);
    const reason = lastErrno();
    // As execvp(3): look further, but remember that a program was there that may not be run.
    if (reason === Errno.EACCES) errno = reason;
    else if (reason !== Errno.ENOENT && reason !== Errno.ENOTDIR) return reason;
  }
  return errno;
}

/**
 * Prepares to become another program, found by `PATH` as in a shell: the change itself needs no memory
 * and no descriptor.
 *
 * @param argv The program and its arguments.
 * @param path Where it is looked for.
 * @returns A function that becomes the program, with the signals and limits of that moment and the
 *   environment of this one. It returns only when that failed: errno.
 */
export function prepareExec(
  argv: readonly string[],
  path: string | undefined = Deno.env.get("PATH"),
): () => number {
  const strings = new CStrings(argv);
  const paths = candidates(argv[0]!, path).map(cString);
  const environ = environment();
  compileNow("execve");
  // A rehearsal, with a path that no file has: V8 compiles what it has not run yet.
  execFirst([cString("")], strings, environ);
  // Not a new function, which would have to be compiled, too.
  return execFirst.bind(undefined, paths, strings, environ);
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
  const path = options.path ?? Deno.env.get("PATH");
  const paths = candidates(argv[0]!, path).map(cString);
  if (!options.keepSignalsAndLimits) restoreProcess(options.softNofile);
  const errno = execFirst(paths, new CStrings(argv), environment());
  return new SystemError(`run ${argv[0]}`, errno);
}

/** Returns the exit code of a command that could not become a program. */
export function execFailureCode(error: SystemError): number {
  return error.errno === Errno.ENOENT ? 127 : 126;
}
