import { libc } from "../libc.ts";
import { Signal } from "../signal.ts";
import { reactor } from "../reactor.ts";

const SIGACTION_BYTES = 160;
const SIG_DFL = 0n;
const INTERVAL = 500;
const ATTEMPTS = 12;

/**
 * Half a second after its start the `deno` command begins to open a debugger's port, to everybody on
 * this machine, when it gets SIGUSR1. This undoes that: the signal ends the program, as it ends
 * others that don't expect it. A compiled executable has no such thing.
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
