import { fromFileUrl, join } from "@std/path";
import { type Files, writeFiles } from "../support/files.ts";
import { type Missing, missingPrograms, missingRoot, refused } from "../support/needs.ts";
import { svCommand } from "../support/program.ts";
import { quoted } from "../support/quoted.ts";

const script = fromFileUrl(new URL("sandbox.sh", import.meta.url));

/** What a machine must have for recipes to be run. */
export const sandboxNeeds: readonly Missing[] = [
  missingRoot("to give a recipe a network and a /run of its own"),
  missingPrograms("perl"),
  await refused("unshare", "--mount", "--net", "mount", "-t", "tmpfs", "none", "/tmp"),
];

/**
 * Prepares a directory for recipes: `sv` is the program under test there.
 *
 * @param place The directory, an absolute path.
 * @param standIns Further programs, which stand in for those that the recipe names.
 * @returns The beginning of a command line that runs a command in the directory, as `sandbox.sh` says.
 */
export async function sandbox(place: string, standIns: Files = {}): Promise<string[]> {
  const command = quoted(svCommand("").slice(0, -1));
  await writeFiles(
    join(place, "bin"),
    { sv: `#!/bin/sh\nexec ${command} "$@"\n`, ...standIns },
    0o755,
  );
  return ["unshare", "--mount", "--net", script, place];
}
