/**
 * The session, the parents and the control group of a process.
 *
 * @module
 */

import { CWD, readFile } from "./file.ts";
import { readLink } from "./path.ts";
import { libc } from "./libc.ts";
import { decodeOs } from "./os_string.ts";
import { statOf } from "./process_stat.ts";

/** A chain of parents is followed no further than this. */
const GENERATIONS = 100;

/** So much of a command line is shown. */
const LONGEST_COMMAND = 60;

/** What would not be one line of plain text. */
const UNPRINTABLE = /[^ -~]/g;

/** Returns the session of a process; undefined where there is no such process. */
export function sessionOf(pid: number): number | undefined {
  const session = libc.getsid(pid);
  return session > 0 ? session : undefined;
}

/** Returns the text of a file in `/proc`; undefined where it can't be read. */
function text(path: string): string | undefined {
  try {
    return decodeOs(readFile(CWD, path, 4096));
  } catch {
    return undefined;
  }
}

/** Returns the control groups of a process, as `/proc` has them; undefined where there is no such process. */
export function controlGroupsOf(pid: number): string | undefined {
  return text(`/proc/${pid}/cgroup`);
}

/** Returns the parent of a process; undefined where there is no such process. */
export function parentOf(pid: number): number | undefined {
  return statOf(pid)?.parent;
}

/**
 * Returns the children that the main thread of a process has started, and the kernel tells of in one
 * file: not every kernel does, and other threads may have started others.
 */
export function childrenOfMainThread(pid: number): number[] {
  return text(`/proc/${pid}/task/${pid}/children`)?.match(/\d+/g)?.map(Number) ?? [];
}

/** Returns the name of a process, for a message; undefined where there is no such process. */
export function processName(pid: number): string | undefined {
  return text(`/proc/${pid}/comm`)?.trimEnd().replace(UNPRINTABLE, "?");
}

/** Returns how a process was called, `s6-supervise web` say, for a message: the first words. */
export function processCommand(pid: number): string | undefined {
  const words = text(`/proc/${pid}/cmdline`)?.split("\0").filter((word) => word !== "") ?? [];
  const [program = ""] = words.splice(0, 1);
  if (program === "") return processName(pid);
  const command = [program.slice(program.lastIndexOf("/") + 1), ...words].join(" ");
  return command.slice(0, LONGEST_COMMAND).replace(UNPRINTABLE, "?");
}

/** Whether a process is in the network namespace of this one; undefined where that can't be seen. */
export function isInOurNetwork(pid: number): boolean | undefined {
  try {
    return readLink(CWD, `/proc/${pid}/ns/net`) === readLink(CWD, "/proc/self/ns/net");
  } catch {
    return undefined;
  }
}

/** Whether a process descends from another one. */
export function descendsFrom(pid: number, ancestor: number): boolean {
  let at: number | undefined = pid;
  for (let generation = 0; generation < GENERATIONS && at; generation++) {
    at = parentOf(at);
    if (at === ancestor) return true;
  }
  return false;
}

/**
 * Returns this process's id in the PID namespace of `/proc`. That is the supervisor's namespace, even
 * where the service has one of its own, unless the run script mounts another `/proc`.
 */
export function processIdInProc(): number {
  try {
    return Number(readLink(CWD, "/proc/self")) || libc.getpid();
  } catch {
    return libc.getpid();
  }
}

/** Whether `/proc` has the PID namespace of this process. */
export function procIsOurs(): boolean {
  try {
    return readLink(CWD, "/proc/self") === String(libc.getpid());
  } catch {
    return false;
  }
}
