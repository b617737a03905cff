import { setInherited } from "../os/descriptor.ts";
import { close, CWD, readFile, writeAll } from "../os/file.ts";
import { exec } from "../os/spawn/exec.ts";
import type { SystemError } from "../os/system_error.ts";
import { passNotesOn } from "../os/runtime/launch.ts";
import { memoryFile } from "../os/memory_file.ts";
import type { ServiceSetSnapshot } from "./service_set.ts";

/** What a scan leaves to the program that replaces it in its process. */
export interface ScanSnapshot {
  /** The lock and the control FIFO of the scan directory. */
  readonly control: number;
  /** The lock of the scan directory. */
  readonly lock: number;
  /** The services. */
  readonly serviceSet: ServiceSetSnapshot;
  /** The soft limit on open files that the services get. */
  readonly softNofile?: number | undefined;
  /** Signals that were ignored when the first of the programs was started. */
  readonly ignoredSignals: readonly number[];
}

/** Every descriptor that the next program needs. */
export function descriptors({ control, lock, serviceSet }: ScanSnapshot): number[] {
  const ofServices = serviceSet.services.flatMap(({ pipeEnd, service }) => [
    ...pipeEnd === undefined ? [] : [pipeEnd],
    ...service === undefined ? [] : Object.values(service.descriptors),
  ]);
  return [control, lock, ...ofServices];
}

/**
 * Replaces this program by another that goes on with the scan: same process, same children, same
 * pipes, locks and FIFOs. Signals are to be blocked: those that come meanwhile wait for the other
 * program.
 *
 * @param program The other program; `--resume` and a descriptor are added.
 * @param args Its arguments.
 * @param snapshot What it goes on with.
 * @returns only when that failed: the reason. This program can go on as before.
 */
export function handOver(
  program: readonly string[],
  args: readonly string[],
  snapshot: ScanSnapshot,
): SystemError {
  const memory = memoryFile("sv scan");
  writeAll(memory, new TextEncoder().encode(JSON.stringify(snapshot)), "the state of the scan");
  const kept = [memory, ...descriptors(snapshot)];
  kept.forEach((fd) => setInherited(fd, true));
  using _notes = passNotesOn();
  const error = exec([...program, "--resume", String(memory), ...args], {
    keepSignalsAndLimits: true,
  });
  kept.forEach((fd) => setInherited(fd, false));
  close(memory);
  return error;
}

/** Reads what the former program in this process left. */
export function takeOver(memory: number): ScanSnapshot {
  const path = `/proc/self/fd/${memory}`;
  const bytes = readFile(CWD, path, Number.MAX_SAFE_INTEGER);
  close(memory);
  const snapshot = JSON.parse(new TextDecoder().decode(bytes)) as ScanSnapshot;
  descriptors(snapshot).forEach((fd) => setInherited(fd, false));
  return snapshot;
}
