import { replaceDescriptor, setInherited } from "../../os/descriptor.ts";
import { close, CWD, Open, open, tryOpen } from "../../os/file.ts";
import { type ProcessLock, tryProcessLock, waitLock, waitLockElsewhere } from "../../os/lock.ts";
import { reactor } from "../../os/reactor.ts";
import { becomeProgram } from "../../cli/become_program.ts";
import { type Command, Failure, required, requiredProgram } from "../../cli/command.ts";
import { DESCRIPTOR, MILLISECONDS, parseOptions } from "../../options/parse_options.ts";

/** Opens the lock file; a shared lock needs no right to write, once the file is there. */
function openLockFile(file: string, shared: boolean): number {
  const flags = Open.CREATE | Open.NONBLOCK;
  if (!shared) return open(CWD, file, Open.WRITE | flags);
  const fd = tryOpen(CWD, file, Open.READ | Open.NONBLOCK);
  return fd >= 0 ? fd : open(CWD, file, Open.READ | flags);
}

/** Takes the lock. Returns false where another process still holds it after `limit` milliseconds. */
async function lockWithin(
  fd: number,
  file: string,
  kind: ProcessLock,
  limit: number,
): Promise<boolean> {
  if (limit === 0 || limit === Infinity) {
    if (limit === 0) return tryProcessLock(fd, file, kind);
    waitLock(fd, file, kind);
    return true;
  }
  const { promise, resolve } = Promise.withResolvers<false>();
  using _timer = reactor().after(limit, () => resolve(false));
  return await Promise.race([waitLockElsewhere(fd, kind), promise]);
}

/**
 * Gives the descriptor that holds the lock another number. The kernel drops a lock of this kind when any
 * descriptor of the file is closed, so the lock is taken once more, and another process that got it
 * meanwhile is waited for. The number may be of a descriptor that Deno uses, so this comes last, and
 * nothing after it waits in Deno.
 */
function move(fd: number, target: number, file: string, kind: ProcessLock): void {
  replaceDescriptor(target, fd);
  close(fd);
  waitLock(target, file, kind);
}

/** `sv setlock`: takes a lock on a file, and becomes another program, which holds it. */
export const setlockCommand: Command = {
  usage: "[-r | -w] [-n | -N] [-t timeout] [-d fd] lockfile prog...",
  help:
    `Creates lockfile if it is not there, locks it, and becomes prog, which holds the lock as long
as it lives.

  -r     shared lock
  -w     exclusive lock (the default)
  -n     fail when the lock is taken
  -N     wait for the lock (the default)
  -t MS  fail when the lock is still taken after so long
  -d N   the descriptor that holds the lock is N in prog

Exit codes: 1 the lock is taken; 100 wrong usage; 111 system call failed; 127 prog not found; 126 prog
can't be run; else prog's.`,

  async run(args) {
    const options = parseOptions(args, "rwnNt:d:");
    const file = required(options.rest[0], "lock file");
    const prog = requiredProgram(options.rest.slice(1));
    const kind = options.lastOf("r", "w") === "r" ? "shared" : "exclusive";
    const limit = options.lastOf("n", "N") === "n"
      ? 0
      : options.number("t", MILLISECONDS) || Infinity;
    const wanted = options.number("d", DESCRIPTOR);

    const fd = openLockFile(file, kind === "shared");
    if (!await lockWithin(fd, file, kind, limit)) {
      throw new Failure(
        `cannot lock ${file}: another process holds the lock` +
          (limit === 0 ? "" : `, even after ${limit} milliseconds`),
        1,
      );
    }
    if (wanted === undefined || wanted === fd) setInherited(fd, true);
    else move(fd, wanted, file, kind);
    return becomeProgram(prog);
  },
};
