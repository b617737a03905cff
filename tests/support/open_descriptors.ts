/**
 * The descriptors that this process has open.
 *
 * @returns What each is, by its number, without the one that looking takes.
 */
export function openDescriptors(): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      found.set(name, Deno.readLinkSync(`/proc/self/fd/${name}`));
    } catch {
      // It was the one that read the directory.
    }
  }
  return found;
}
