import { waitReadable } from "../os/descriptor.ts";
import { DirectoryChanges } from "../os/directory_changes.ts";
import { Errno, isErrno } from "../os/system_error.ts";
import { ScanPath } from "../servicedir/protocol.ts";
import { timeLeft } from "../waiting/wait.ts";
import { waitBlocking } from "../waiting/wait_blocking.ts";
import { isScanned } from "./is_scanned.ts";

/** How often to look where the kernel does not tell of changes, in milliseconds. */
const LOOK_EVERY = 50;

/** What a scan makes or opens when it has its lock: its directory, and the control FIFO in that. */
const TRACES = [ScanPath.directory, ScanPath.control].map((path) => path.split("/").at(-1)!);

function isScannedNow(scandir: string): boolean {
  try {
    return isScanned(scandir);
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return false;
    throw error;
  }
}

/**
 * Waits until a scan is running on a scan directory, be it `sv scan` or s6-svscan. Does nothing else
 * meanwhile.
 *
 * @param scandir Path of the scan directory, which exists.
 * @param deadline When to give up, on the monotonic clock in milliseconds; Infinity: never.
 * @returns false when the deadline came first.
 */
export function awaitScan(scandir: string, deadline: number): boolean {
  for (;;) {
    // Anew each time: the directory within may have been made meanwhile.
    using changes = new DirectoryChanges();
    const told = changes.watch(scandir);
    changes.watch(`${scandir}/${ScanPath.directory}`);
    // Looked at after the watch has begun, so that nothing is missed.
    if (isScannedNow(scandir)) return true;
    if (timeLeft(deadline) <= 0) return false;
    if (!told) waitReadable([], Math.min(LOOK_EVERY, timeLeft(deadline)));
    else waitBlocking([changes], new Trace(), deadline);
  }
}

/** A wait until a file is made or opened that a scan needs. */
class Trace {
  done = false;

  receive(_index: number, names: readonly string[]): void {
    this.done ||= names.some((name) => TRACES.includes(name));
  }
}
