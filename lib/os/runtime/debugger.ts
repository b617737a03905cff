/**
 * Keeping the debugger shut.
 *
 * Half a second after its start the `deno` command (2.9.2 and newer, denoland/deno#35738) begins to
 * listen to SIGUSR1: at that signal it opens a debugger's port on this machine, by which every user of it
 * can run code as this program. So whatever may run that long is started with that signal blocked in all
 * threads: by the packed executable and `scripts/deno`, which use `env --block-signal`, and the
 * companions by their spawner. Where that was not so, the program starts itself again. A compiled
 * executable doesn't listen.
 *
 * Remove when an option of `deno run` keeps the debugger shut.
 *
 * @module
 */

import { CWD } from "../file.ts";
import { addressOf, libc } from "../libc.ts";
import { Access, accessErrno } from "../path.ts";
import { Signal } from "../signal.ts";
import { blockInAllThreads } from "./blocked_signals.ts";

/**
 * Makes SIGUSR1 mean nothing to this program, for commands that run long. To be called first: where the
 * signal is not blocked yet, the program is started again.
 *
 * A compiled executable handles the signal, by a function that does nothing: unlike a signal that is
 * ignored or blocked, one that is handled is an ordinary one again for the programs that it starts.
 *
 * @throws {Error} when that failed.
 */
export function keepDebuggerShut(): void {
  if (Deno.build.standalone) {
    libc.signal(Signal.USR1, BigInt(Deno.UnsafePointer.value(addressOf("getpid"))));
    return;
  }
  // Without /proc no program can be started again; process 1 of a machine has to go on.
  if (accessErrno(CWD, "/proc/self", Access.EXISTS) === 0) blockInAllThreads([Signal.USR1]);
}
