/**
 * The limit on open files that this program was started with.
 *
 * At its start the `deno` command raises the soft limit to the hard one (denoland/deno#10162), and what
 * this program starts would inherit that. A compiled executable leaves its limits alone.
 *
 * Remove when Deno leaves the limit alone, or gives children the former one.
 *
 * @module
 */

import { openFiles } from "../limits.ts";
import { restoreLaunchEnvironment } from "./launch.ts";

/**
 * Returns the soft limit on open files that this program was started with, where the runtime has raised
 * it; undefined where the limit in force is that one.
 */
export function softLimitAtStart(): number | undefined {
  const { softNofile } = restoreLaunchEnvironment();
  if (softNofile !== undefined) return softNofile;
  if (Deno.build.standalone) return undefined;
  try {
    // Without a launcher this process was given the limit of its parent.
    const parent = Deno.readTextFileSync(`/proc/${Deno.ppid}/limits`);
    const [, soft, hard] = /^Max open files +(\d+) +(\d+)/m.exec(parent) ?? [];
    const own = openFiles();
    return BigInt(hard ?? -1) === own.hard && BigInt(soft!) < own.soft ? Number(soft) : undefined;
  } catch {
    return undefined;
  }
}
