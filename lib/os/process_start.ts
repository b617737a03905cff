/**
 * When a process was started: with its process id and the boot this tells it from every other process
 * that there has been or will be.
 *
 * @module
 */

import { bootClock } from "./clock.ts";
import { libc } from "./libc.ts";
import { procIsOurs } from "./process_family.ts";
import { type ProcessStat, readProc } from "./process_stat.ts";

/** Clock ticks per second in /proc: the same on every machine. */
export const TICKS_PER_SECOND = 100;

/** Returns the start that a process would have that is started now: clock ticks since the boot. */
export function ticksNow(): number {
  return Math.floor(bootClock() * TICKS_PER_SECOND);
}

/** The boot, once /proc has told it. */
let boot: string | undefined;

/**
 * Returns the id of the boot of this machine; undefined where /proc is not mounted, or shows the
 * processes of another PID namespace.
 */
export function bootId(): string | undefined {
  if (boot === undefined && procIsOurs()) {
    boot = readProc("/proc/sys/kernel/random/boot_id")?.trim();
  }
  return boot;
}

/** Whether a process is a child of this one. */
export function isOwnChild({ parent }: ProcessStat): boolean {
  return parent === libc.getpid();
}
