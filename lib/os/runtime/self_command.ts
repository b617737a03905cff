import { restoreLaunchEnvironment } from "./launch.ts";

/**
 * The command line that starts this program again, for the few things that need a process of their
 * own. A subcommand and its arguments are to be added.
 */
export function selfCommand(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  const { executable } = restoreLaunchEnvironment();
  if (executable !== undefined) return [Deno.realPathSync(executable)];
  // In a bundle every module is the main one.
  const program = import.meta.url === Deno.mainModule
    ? Deno.mainModule
    : new URL("../../../cli.ts", import.meta.url).href;
  return [Deno.execPath(), "run", "--quiet", "-A", program];
}
