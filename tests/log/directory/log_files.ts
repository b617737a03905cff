/** Reading log directories in tests. */
import { isArchive } from "../../../lib/log/directory/archive.ts";

/** Returns the names of a log directory's archives, the oldest first. */
export function archivesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).filter(isArchive).sort();
}

/** Returns all that is logged in a directory, archives first. */
export function loggedIn(directory: string): string {
  return [...archivesIn(directory), "current"]
    .map((name) => Deno.readTextFileSync(`${directory}/${name}`)).join("");
}

/** Returns the permission bits of a file. */
export function modeOf(path: string): number {
  return Deno.statSync(path).mode! & 0o7777;
}

/**
 * Returns what a log directory holds, without what depends on the time: names with the digits of stamps
 * replaced, modes, contents.
 */
export function describe(directory: string): Record<string, { mode: string; text: string }> {
  let archives = 0;
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  return Object.fromEntries(names.map((name) => [
    isArchive(name) ? `archive ${++archives}${name.slice(-2)}` : name,
    {
      mode: modeOf(`${directory}/${name}`).toString(8),
      text: Deno.readTextFileSync(`${directory}/${name}`),
    },
  ]));
}
