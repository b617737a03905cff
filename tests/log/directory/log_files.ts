/** Reading log directories in tests. */
import { isArchive } from "../../../lib/log/directory/archive.ts";

/** Returns the names of a log directory's archives, the oldest first; none where it is not there. */
export function archivesIn(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)].map(({ name }) => name).filter(isArchive).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Returns all that is logged in a directory, archives first. */
export function loggedIn(directory: string): string {
  const names = archivesIn(directory);
  // A logger that was killed during a rotation has left it, perhaps with its second name already.
  if (linksOf(`${directory}/previous`) === 1) names.push("previous");
  return [...names, "current"].map((name) => textOf(`${directory}/${name}`)).join("");
}

function linksOf(path: string): number {
  try {
    return Deno.statSync(path).nlink ?? 0;
  } catch {
    return 0;
  }
}

/** Returns the text of a file; none where the file is not there, as `current` in a rotation. */
function textOf(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
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
