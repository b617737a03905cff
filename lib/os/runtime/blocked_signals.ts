/**
 * Blocking signals in all threads, so that they can be read from a descriptor.
 *
 * A plain program blocks them before it starts a thread. The runtime has threads before the first line
 * of a program runs (only a compiled executable has a single one at first), and handles signals itself:
 * not those that it does not know, and SIGUSR1 by opening a debugger (denoland/deno#35738).
 *
 * Remove when Deno can start a program with signals blocked in all of its threads.
 *
 * @module
 */

import { environment } from "../environment.ts";
import { CWD } from "../file.ts";
import { libc } from "../libc.ts";
import { openFiles, setSoftOpenFiles } from "../limits.ts";
import { cString, CStrings, decodeOs } from "../os_string.ts";
import { readLink } from "../path.ts";
import { blockedSignals, blockMore, blockSignals, unblockSignals } from "../signal_state.ts";
import { SystemError } from "../system_error.ts";
import { restoreLaunchEnvironment } from "./launch.ts";
import { passNotesOn } from "./pass_notes_on.ts";

const PROGRAM = "/proc/self/exe";

/** Tells a program that it was started a second time; its value is the process id, which stays. */
const RESTARTED = "_SV_RESTARTED";

/** Signals 1 to 31, but for SIGKILL and SIGSTOP, which can't be blocked. */
const ALL_SIGNALS = 0x7ffb_feffn;

/**
 * Blocks signals in all threads. Where it is too late for that, because Deno has started threads,
 * restarts the program in this process, as it was started, but with signals blocked: each thread
 * inherits what is blocked.
 *
 * @throws {Error} when that failed.
 */
export function blockSignalsInAllThreads(): void {
  inAllThreads(ALL_SIGNALS, blockSignals);
}

/** Blocks some signals in all threads, in the same way, and leaves the others as they are. */
export function blockInAllThreads(signals: readonly number[]): void {
  const wanted = signals.reduce((set, signal) => set | 1n << BigInt(signal - 1), 0n);
  inAllThreads(wanted, () => blockMore(signals));
}

/** Calls `block`, which blocks a set of signals in this thread, so that all threads block them. */
function inAllThreads(wanted: bigint, block: () => void): void {
  if ((blockedSignals() & wanted) !== wanted) {
    if (!hasOneThread()) throw restart(block);
    block();
  }
  Deno.env.delete(RESTARTED);
}

/** Whether this program has no thread but this one. */
function hasOneThread(): boolean {
  try {
    return /^Threads:\s*1$/m.test(Deno.readTextFileSync("/proc/self/status"));
  } catch {
    throw new Error(
      "Cannot block signals: /proc is not mounted; mount it, or start this through " +
        "`env --block-signal`",
    );
  }
}

/** Reads strings that each end with a NUL. */
function strings(file: string): string[] {
  return decodeOs(Deno.readFileSync(file)).split("\0").slice(0, -1);
}

/** Starts this program again with signals blocked. Returns only when that failed: the reason. */
function restart(block: () => void): Error {
  const mark = `${RESTARTED}=${Deno.pid}`;
  const initial = strings("/proc/self/environ");
  if (initial.includes(mark)) {
    return new Error("Cannot block signals: the runtime lets them in again");
  }
  const { executable, softNofile } = restoreLaunchEnvironment();
  const { soft } = openFiles();
  const line = strings("/proc/self/cmdline");
  // The packed executable is its script: what that had left for the runtime is used up, and it notes the
  // limit on open files anew, which Deno has raised.
  if (executable !== undefined && softNofile !== undefined) setSoftOpenFiles(softNofile);
  const args = line.slice(line.findIndex((argument) => argument.endsWith(".mjs")) + 1);
  const argv = new CStrings(executable === undefined ? line : [executable, ...args]);
  using _notes = executable === undefined ? passNotesOn() : undefined;
  Deno.env.set(RESTARTED, String(Deno.pid));
  block();
  // By its own name first, which `ps` shows; the file may have been removed meanwhile.
  for (
    const program of executable === undefined ? [readLink(CWD, PROGRAM), PROGRAM] : [executable]
  ) {
    if (program === null) continue;
    libc.execve(cString(program), argv.pointers, environment());
  }
  const error = new SystemError("start this program again with signals blocked");
  unblockSignals();
  setSoftOpenFiles(soft);
  Deno.env.delete(RESTARTED);
  return error;
}
