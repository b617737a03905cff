/**
 * The command line that starts this program again, for the few things that need a process of their
 * own.
 */
export function selfCommand(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  return [Deno.execPath(), "run", "--quiet", "-A", new URL("../../cli.ts", import.meta.url).href];
}
