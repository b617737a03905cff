import { basename, fromFileUrl } from "@std/path";

const repository = fromFileUrl(new URL("../../", import.meta.url));

/**
 * The program under test, as the beginning of a command line: the file that the environment variable
 * `SV_BIN` names, else `dist/sv` if it has been built, else the sources.
 */
export const sv: readonly string[] = find();

/**
 * A command of the program under test.
 *
 * @param command The command, as after `sv`: `supervise`, `stat`, …
 * @returns The beginning of a command line. With `SV_BIN=/usr/bin/s6-supervise`, which shows whether a
 *     test holds for s6 itself, that program alone.
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
  if (exists(built)) return [built];
  return [`${repository}scripts/deno`, "run", "-A", `${repository}cli.ts`];
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
