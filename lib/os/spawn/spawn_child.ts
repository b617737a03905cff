import { candidates } from "./exec.ts";
import { CWD, Descriptor, Open, open } from "../file.ts";
import { softLimitAtStart } from "../runtime/soft_limit_at_start.ts";
import { PosixSpawner } from "./posix_spawner.ts";
import { Errno, isErrno, SystemError } from "../system_error.ts";

/**
 * Starts a program as an ordinary child, found by `PATH`: it gets this program's descriptors,
 * directory, session and environment, and outlives it.
 *
 * @param argv The program, and its arguments.
 * @param softNofile Its soft limit on open files; default: the one that this program was started with.
 * @returns Its process id.
 * @throws {SystemError} when it can't be run.
 */
export function spawnChild(argv: readonly string[], softNofile = softLimitAtStart()): number {
  using here = new Descriptor(open(CWD, ".", Open.PATH | Open.DIRECTORY));
  const spawner = new PosixSpawner();
  let errno: number = Errno.ENOENT;
  for (const file of candidates(argv[0]!, Deno.env.get("PATH"))) {
    try {
      return spawner.spawn({ directory: here.fd, argv, file, softNofile, newSession: false }).pid;
    } catch (error) {
      if (!isErrno(error, Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES)) throw error;
      // As execvp(3): look further, but remember that a program was there that may not be run.
      if (error.errno === Errno.EACCES) errno = error.errno;
    }
  }
  throw new SystemError(`run ${argv[0]}`, errno);
}
