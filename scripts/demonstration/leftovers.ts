function readable(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

/** Returns the processes that run in a directory or name it in their arguments, each as a line. */
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

/** Returns what processesIn() still finds when the processes have had a minute to end. */
export async function leftovers(directory: string): Promise<string[]> {
  const deadline = performance.now() + 60_000;
  let found = processesIn(directory);
  while (found.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    found = processesIn(directory);
  }
  return found;
}
