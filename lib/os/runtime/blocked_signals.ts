import { CStrings } from "../spawn/exec.ts";
import { CWD } from "../file.ts";
import { readLink } from "../path.ts";
import { libc } from "../libc.ts";
import { cString, decodeOs } from "../os_string.ts";
import { blockSignals, unblockSignals } from "../signal_state.ts";
import { SystemError } from "../system_error.ts";

const PROGRAM = "/proc/self/exe";

/** Signals 1 to 31, but for SIGKILL and SIGSTOP, which can't be blocked. */
const ALL_SIGNALS = 0x7ffb_feffn;

/**
 * Sees to it that signals are blocked in all threads. A thread has blocked what the one had blocked
 * that started it: so it is enough that this program was started so, or has a single thread as yet.
 *
 * @returns whether that could be done.
 */
export function blockSignalsInAllThreads(): boolean {
  const status = Deno.readTextFileSync("/proc/self/status");
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\w+)`, "m").exec(status)?.[1] ?? "0";
  const mask = BigInt(`0x${field("SigBlk")}`);
  if ((mask & ALL_SIGNALS) === ALL_SIGNALS) return true;
  if (field("Threads") !== "1") return false;
  blockSignals();
  return true;
}

function strings(file: string): string[] {
  return decodeOs(Deno.readFileSync(file)).split("\0").slice(0, -1);
}

/**
 * Starts this program again in this process, as it was started, but with all signals blocked. Its
 * threads are then born with them blocked, and signals can be read from a descriptor: nothing of the
 * runtime's stands between, least of all its debugger, which it opens on SIGUSR1.
 *
 * @returns only when that failed: the reason.
 */
export function restartWithSignalsBlocked(): SystemError {
  const argv = new CStrings(strings("/proc/self/cmdline"));
  const environment = new CStrings(strings("/proc/self/environ"));
  blockSignals();
  // Its own name first, which `ps` shows; the file may have been removed meanwhile.
  for (const program of [readLink(CWD, PROGRAM), PROGRAM]) {
    if (program === null) continue;
    libc.execve(
      cString(program),
      argv.pointers,
      Deno.UnsafePointer.of(environment.pointers),
    );
  }
  const error = new SystemError("start this program again with signals blocked");
  unblockSignals();
  return error;
}
