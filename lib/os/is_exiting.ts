import { readNames } from "./directory.ts";
import { CWD, Descriptor, Open, readFile, tryOpen } from "./file.ts";
import { decodeOs } from "./os_string.ts";

/** The flag in `/proc/PID/stat` of a thread that is ending: the kernel sets it before it closes files. */
const PF_EXITING = 0x4;

/** The place of the flags in `/proc/PID/stat` after the name, counted from 0. */
const FLAGS = 6;

/** Returns whether a thread is ending, or has ended. */
function isEnding(threads: number, thread: string): boolean {
  let line: string;
  try {
    line = decodeOs(readFile(threads, `${thread}/stat`, 1024));
  } catch {
    return true;
  }
  // The name is in parentheses and may hold anything; the fields are counted after it.
  const flags = line.slice(line.lastIndexOf(")") + 2).split(" ", FLAGS + 1)[FLAGS];
  return (Number(flags) & PF_EXITING) !== 0;
}

/**
 * Returns whether a process is ending: its death is certain, although its pidfd may not tell of it yet.
 *
 * A process that dies closes its files first, and only then counts as dead. So the reader of a pipe may
 * see the end of the pipe, and the writer's pidfd just after that as one of a living process. This
 * function tells whether the writer closed the pipe by dying.
 *
 * @param pid The process, by its number in the PID namespace of `/proc`.
 * @returns undefined where `/proc` does not show the process.
 */
export function isExiting(pid: number): boolean | undefined {
  const fd = tryOpen(CWD, `/proc/${pid}/task`, Open.READ | Open.DIRECTORY);
  if (fd < 0) return undefined;
  using threads = new Descriptor(fd);
  let names: string[];
  try {
    names = readNames(threads.fd, `the threads of process ${pid}`);
  } catch {
    return undefined;
  }
  return names.length === 0 ? undefined : names.every((name) => isEnding(threads.fd, name));
}
