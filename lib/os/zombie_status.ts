import { CWD, readFile } from "./file.ts";
import { decodeOs } from "./os_string.ts";
import { procIsOurs } from "./process_family.ts";
import type { WaitStatus } from "./wait_status.ts";

/** The places of the state and of the wait status in `/proc/PID/stat` after the name, counted from 0. */
const STATE = 0;
const STATUS = 49;

/**
 * Returns how a process ended that is no child of this one, and that its parent has not reaped yet.
 *
 * @returns undefined where that is not known: the kernel shows 0 to those who may not know it.
 */
export function statusOfZombie(pid: number): WaitStatus | undefined {
  if (!procIsOurs()) return undefined;
  let line: string;
  try {
    line = decodeOs(readFile(CWD, `/proc/${pid}/stat`, 1024));
  } catch {
    return undefined;
  }
  // The name is in parentheses and may hold anything; the fields are counted after it.
  const fields = line.slice(line.lastIndexOf(")") + 2).trimEnd().split(" ");
  return fields[STATE] === "Z" ? Number(fields[STATUS]) || undefined : undefined;
}
