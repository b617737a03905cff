/**
 * How to start this program again.
 *
 * A plain program is one file, and can fork. This one can't fork, and has three forms: a compiled
 * executable, an executable that packs the `deno` command, and the sources, run by `deno`.
 *
 * Remove when `deno compile` makes the executable wherever it is built, and the sources are no
 * longer a way to run the program:
 * `Deno.execPath()` is then the whole answer.
 *
 * @module
 */

import { restoreLaunchEnvironment } from "./launch.ts";

/**
 * Returns the command line that starts this program again, for the few things that need a process of
 * their own. The caller adds a subcommand and its arguments.
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
