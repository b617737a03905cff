function readable(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

/** The processes that have something to do with a directory, each as a line. */
export function processesIn(directory: string): string[] {
  const found: string[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    const command = readable(() => Deno.readTextFileSync(`/proc/${name}/cmdline`));
    const cwd = readable(() => Deno.readLinkSync(`/proc/${name}/cwd`));
    if (command.includes(directory) || cwd.startsWith(directory)) {
      found.push(`${name} ${command.replaceAll("\0", " ")}`);
    }
  }
  return found;
}

/** The processes that still have to do with a directory when they had time to end: two seconds. */
export async function leftovers(directory: string): Promise<string[]> {
  const deadline = performance.now() + 2000;
  let found = processesIn(directory);
  while (found.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    found = processesIn(directory);
  }
  return found;
}
