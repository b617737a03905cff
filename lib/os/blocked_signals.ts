import { CStrings } from "./exec.ts";
import { CWD, readLink } from "./file.ts";
import { libc } from "./libc.ts";
import { cString, decodeOs } from "./os_string.ts";
import { blockSignals, unblockSignals } from "./signal.ts";
import { SystemError } from "./system_error.ts";

const PROGRAM = "/proc/self/exe";
const SIGTERM = 15;
const SIGUSR1 = 10;

/** Whether signals have been blocked since this program was started, and so in all of its threads. */
export function startedWithSignalsBlocked(): boolean {
  const status = Deno.readTextFileSync("/proc/self/status");
  const mask = BigInt(`0x${/^SigBlk:\s*(\w+)/m.exec(status)?.[1] ?? "0"}`);
  return [SIGTERM, SIGUSR1].every((signal) => (mask & (1n << BigInt(signal - 1))) !== 0n);
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
