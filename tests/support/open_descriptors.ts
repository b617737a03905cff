/**
 * Returns the descriptors that this process has open.
 *
 * @returns The target of each by its number, without the one that reading the directory takes.
 */
export function openDescriptors(): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      found.set(name, Deno.readLinkSync(`/proc/self/fd/${name}`));
    } catch {
      // This was the descriptor of the directory, closed by now.
    }
  }
  return found;
}
