/**
 * When a process was started: with its process id and the boot this tells it from every other process
 * that there has been or will be.
 *
 * @module
 */

import { bootClock } from "./clock.ts";
import { close, CWD, Open, tryOpen, tryRead } from "./file.ts";
import { libc } from "./libc.ts";
import { cString, decodeOs } from "./os_string.ts";
import { procIsOurs } from "./process_family.ts";

const CLOSE_PARENTHESIS = 0x29;

/** The fields of `/proc/PID/stat` after the name, counted from 0. */
const STATE = 0;
const PARENT = 1;
const SESSION = 3;
const START = 19;

/** What the kernel tells of a process. */
export interface ProcessStart {
  /** When it was started: clock ticks since the boot. */
  readonly ticks: string;
  /** Its parent's process id. */
  readonly parent: number;
  /** The session that it belongs to. */
  readonly session: number;
  /** Whether it has died, and waits to be reaped. */
  readonly dead: boolean;
}

/** Clock ticks per second in /proc: the same on every machine. */
export const TICKS_PER_SECOND = 100;

/** Returns the start that a process would have that is started now: clock ticks since the boot. */
export function ticksNow(): number {
  return Math.floor(bootClock() * TICKS_PER_SECOND);
}

/** The read buffer for files of /proc; its content is used before the next read. */
const buffer = new Uint8Array(1024);

/** Reads the first bytes of a file of /proc; undefined where that is impossible. */
function readProc(path: string): Uint8Array | undefined {
  const fd = tryOpen(CWD, cString(path), Open.READ);
  if (fd < 0) return undefined;
  const count = tryRead(fd, buffer);
  close(fd);
  return count > 0 ? buffer.subarray(0, count) : undefined;
}

/** The boot, once /proc has told it. */
let boot: string | undefined;

/**
 * Returns the id of the boot of this machine; undefined where /proc is not mounted, or shows the
 * processes of another PID namespace.
 */
export function bootId(): string | undefined {
  if (boot === undefined && procIsOurs()) {
    const bytes = readProc("/proc/sys/kernel/random/boot_id");
    boot = bytes && decodeOs(bytes).trim();
  }
  return boot;
}

/** Returns what the kernel tells of a process; undefined where there is none, or /proc doesn't show it. */
export function startOf(pid: number): ProcessStart | undefined {
  const bytes = readProc(`/proc/${pid}/stat`);
  if (bytes === undefined) return undefined;
  // The name is in parentheses and may hold anything; the fields are counted after it.
  const name = bytes.lastIndexOf(CLOSE_PARENTHESIS);
  const fields = decodeOs(bytes.subarray(name + 2)).split(" ", START + 1);
  const ticks = fields[START];
  if (ticks === undefined) return undefined;
  return {
    ticks,
    parent: Number(fields[PARENT]),
    session: Number(fields[SESSION]),
    dead: /[ZXx]/.test(fields[STATE]!),
  };
}

/** Whether a process is a child of this one. */
export function isOwnChild({ parent }: ProcessStart): boolean {
  return parent === libc.getpid();
}
