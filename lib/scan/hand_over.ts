import { setInherited } from "../os/descriptor.ts";
import { close, CWD, Descriptor, readFile, writeAll } from "../os/file.ts";
import { memoryFile } from "../os/memory_file.ts";
import { passNotesOn } from "../os/runtime/pass_notes_on.ts";
import { withBlockedSignals } from "../os/signal_state.ts";
import { exec } from "../os/spawn/exec.ts";
import type { SystemError } from "../os/system_error.ts";
import {
  checkDescriptors,
  descriptorsOf,
  formatSnapshot,
  parseSnapshot,
  type ScanSnapshot,
} from "./snapshot.ts";

/** Writes a snapshot to a new file in memory, and returns its descriptor. */
export function snapshotFile(snapshot: ScanSnapshot): number {
  const memory = memoryFile("sv scan");
  const bytes = new TextEncoder().encode(formatSnapshot(snapshot));
  writeAll(memory, bytes, "the state of the scan");
  return memory;
}

/**
 * Reads a snapshot from a file that another program left open in this process.
 *
 * @param fd The descriptor of the file.
 * @throws {SnapshotError} when this version can't go on with it.
 */
export function readSnapshot(fd: number): ScanSnapshot {
  // Opened again by its name, the file is read from its beginning.
  const bytes = readFile(CWD, `/proc/self/fd/${fd}`, Number.MAX_SAFE_INTEGER);
  return parseSnapshot(new TextDecoder().decode(bytes));
}

/**
 * Replaces this program by another that goes on with the scan: same process, same children, same
 * pipes, locks and FIFOs. Signals that arrive during the change wait for the other program.
 *
 * @param program The other program; `--resume` and a descriptor are added.
 * @param args Its arguments.
 * @param named Descriptors that the arguments name.
 * @param snapshot The scan as it is now.
 * @returns only when that failed: the reason. This program can go on as before.
 */
export function handOver(
  program: readonly string[],
  args: readonly string[],
  named: readonly number[],
  snapshot: ScanSnapshot,
): SystemError {
  // The other program can't come back with an error, so this one looks first.
  checkDescriptors(parseSnapshot(formatSnapshot(snapshot)));
  using memory = new Descriptor(snapshotFile(snapshot));
  const kept = [memory.fd, ...named, ...descriptorsOf(snapshot).map(({ fd }) => fd)];
  kept.forEach((fd) => setInherited(fd, true));
  using _notes = passNotesOn();
  const argv = [...program, "--resume", String(memory.fd), ...args];
  const error = withBlockedSignals(() => exec(argv, { keepSignalsAndLimits: true }));
  kept.forEach((fd) => setInherited(fd, false));
  return error;
}

/** Takes what the former program in this process handed over, and keeps it from new programs. */
export function resumeSnapshot(memory: number): ScanSnapshot {
  const snapshot = readSnapshot(memory);
  close(memory);
  checkDescriptors(snapshot);
  descriptorsOf(snapshot).forEach(({ fd }) => setInherited(fd, false));
  return snapshot;
}
