import { openDescriptors } from "./open_descriptors.ts";
import { ofThreads } from "./processes.ts";

/** Returns the descriptors of each thread of a process, with what they are; the main thread's first. */
export function threadDescriptors(pid: number): Map<string, string>[] {
  const threads = [...ofThreads(pid, "status").keys()].map(Number);
  return threads.sort((one, other) => one - other).flatMap((thread) => {
    try {
      return [openDescriptors(`${pid}/task/${thread}`)];
    } catch {
      // The runtime has just ended it.
      return [];
    }
  });
}

/** Runs a program without the descriptors that the tests themselves have inherited. */
export const CLEAN = [
  "bash",
  "-c",
  'for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ $fd -le 2 ] || eval "exec $fd>&-"; done; exec "$@"',
  "bash",
];
