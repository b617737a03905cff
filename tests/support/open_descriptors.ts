/**
 * Returns the descriptors that a process, or one thread of it, has open.
 *
 * @param process Its directory in /proc: `self` (the default), a process id, `PID/task/TID`.
 * @returns The target of each by its number, without those that are closed while they are read: of `self`,
 * the one that reading the directory takes.
 */
export function openDescriptors(process: string | number = "self"): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name } of Deno.readDirSync(`/proc/${process}/fd`)) {
    try {
      found.set(name, Deno.readLinkSync(`/proc/${process}/fd/${name}`));
    } catch {
      // It has just been closed.
    }
  }
  return found;
}
