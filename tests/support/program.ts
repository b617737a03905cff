import { existsSync } from "@std/fs/exists";
import { basename, fromFileUrl } from "@std/path";

const repository = fromFileUrl(new URL("../../", import.meta.url));

/**
 * The beginning of a command line that runs the program under test: the file that the environment
 * variable `SV_BIN` names, else `dist/sv` if it has been built, else the sources.
 */
export const sv: readonly string[] = find();

/**
 * Returns the beginning of a command line for one command of the program under test.
 *
 * @param command The command, as after `sv`: `supervise`, `stat`, …
 * @returns The words. With `SV_BIN=/usr/bin/s6-supervise`, which shows whether a test holds for s6
 *     itself, that program alone.
 */
export function svCommand(command: string): string[] {
  const [program] = sv;
  if (sv.length === 1 && program !== undefined && basename(program).startsWith("s6-")) {
    return [program];
  }
  return [...sv, command];
}

function find(): string[] {
  const chosen = Deno.env.get("SV_BIN");
  if (chosen) return [chosen];
  const built = `${repository}dist/sv`;
  if (existsSync(built, { isFile: true })) return [built];
  return [`${repository}scripts/deno`, "run", "-A", `${repository}cli.ts`];
}
