/**
 * Where processes belong: sessions, parents, control groups.
 *
 * @module
 */

import { CWD, readFile } from "./file.ts";
import { readLink } from "./path.ts";
import { libc } from "./libc.ts";
import { decodeOs } from "./os_string.ts";

/** Longer chains of parents than this are cut off. */
const GENERATIONS = 100;

/** The session of a process; undefined where there is no such process. */
export function sessionOf(pid: number): number | undefined {
  const session = libc.getsid(pid);
  return session > 0 ? session : undefined;
}

/** The text of a file in `/proc`; undefined where there is none. */
function text(path: string): string | undefined {
  try {
    return decodeOs(readFile(CWD, path, 4096));
  } catch {
    return undefined;
  }
}

/** The control groups of a process, as `/proc` tells them; undefined where there is no such process. */
export function controlGroupsOf(pid: number): string | undefined {
  return text(`/proc/${pid}/cgroup`);
}

/** The parent of a process; undefined where there is no such process. */
export function parentOf(pid: number): number | undefined {
  const line = text(`/proc/${pid}/stat`);
  // The name is in parentheses and may hold anything; the fields are counted after it.
  return line === undefined
    ? undefined
    : Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[1]);
}

/** Whether a process has another one among its parents, their parents and so on. */
export function descendsFrom(pid: number, ancestor: number): boolean {
  let at: number | undefined = pid;
  for (let generation = 0; generation < GENERATIONS && at; generation++) {
    at = parentOf(at);
    if (at === ancestor) return true;
  }
  return false;
}

/**
 * This process's id in the PID namespace that `/proc` shows, which is the supervisor's one even in a
 * namespace of the service's own, unless somebody has mounted another `/proc`.
 */
export function processIdInProc(): number {
  try {
    return Number(readLink(CWD, "/proc/self")) || libc.getpid();
  } catch {
    return libc.getpid();
  }
}

/** Whether `/proc` shows processes by the numbers that they have for this one. */
export function procIsOurs(): boolean {
  try {
    return readLink(CWD, "/proc/self") === String(libc.getpid());
  } catch {
    return false;
  }
}
