/**
 * Keeping the debugger shut.
 *
 * Half a second after its start the `deno` command (2.9.2 and newer, denoland/deno#35738) begins to
 * listen to SIGUSR1: at that signal it opens a debugger's port on this machine, by which every user of it
 * can run code as this program. A compiled executable doesn't. `sv scan` and the companions (of
 * `sv notifyoncheck`, say) are started with that signal blocked in all threads; what is here is for
 * `sv supervise`.
 *
 * Remove when an option of `deno run` keeps the debugger shut.
 *
 * @module
 */

import { libc } from "../libc.ts";
import { reactor } from "../reactor.ts";
import { Signal } from "../signal.ts";

const SIGACTION_BYTES = 160;
const SIG_DFL = 0n;

/** How often, and how many times at most, to look whether the runtime listens, in milliseconds. */
const INTERVAL = 500;
const ATTEMPTS = 12;

/**
 * Takes SIGUSR1 away from the runtime as soon as it listens to it: the signal then ends the program, as
 * it ends others that don't expect it.
 */
export function keepDebuggerShut(attempts: number = ATTEMPTS): void {
  if (Deno.build.standalone || attempts === 0) return;
  reactor().after(INTERVAL, () => {
    const action = new Uint8Array(SIGACTION_BYTES);
    libc.sigaction(Signal.USR1, null, action);
    const handled = new DataView(action.buffer).getBigUint64(0, true) > 1n;
    if (handled) libc.signal(Signal.USR1, SIG_DFL);
    else keepDebuggerShut(attempts - 1);
  });
}
