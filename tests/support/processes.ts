import { DEADLINE } from "./deadline.ts";

/** Tells whether a process runs. A zombie, which its parent has not reaped yet, does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/**
 * Reads a file of each thread of a process.
 *
 * @param pid The process.
 * @param file The file: `status`, say.
 * @returns The text by the thread's id, without threads that end while they are read.
 */
export function ofThreads(pid: number, file: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    try {
      found.set(name, Deno.readTextFileSync(`/proc/${pid}/task/${name}/${file}`));
    } catch {
      // The runtime has just ended a thread that it did not need.
    }
  }
  return found;
}

/**
 * Finds the processes whose working directory is the directory given or below it.
 *
 * @param directory An absolute path, free of symlinks.
 * @returns Their process ids.
 */
export async function processesIn(directory: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      const cwd = await Deno.readLink(`/proc/${name}/cwd`);
      if (cwd === directory || cwd.startsWith(`${directory}/`)) found.push(pid);
    } catch {
      // The process has ended, or belongs to another user.
    }
  }
  return found;
}

/**
 * Kills the processes whose working directory is the directory given or below it, until none is left.
 *
 * @param directory An absolute path, free of symlinks.
 */
export async function killProcessesIn(directory: string): Promise<void> {
  let pids: number[] = [];
  const end = Date.now() + DEADLINE;
  // A supervisor may start a process between two looks.
  do {
    pids = await processesIn(directory);
    if (pids.length === 0) return;
    for (const pid of pids) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // The process ended before the signal.
      }
    }
    await new Promise((wake) => setTimeout(wake, 2));
  } while (Date.now() < end);
  throw new Error(`Processes in ${directory} survive SIGKILL: ${pids}`);
}
