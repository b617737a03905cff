/**
 * Longruns that get another name in an update, and go on: their live service directories, in which supervisors
 * are at work, and the pipes that they read, are renamed. What is to be renamed is recorded beside the new
 * definitions, so that the next command completes it where this one is killed. Names may be exchanged, so
 * everything gets a name in between first.
 *
 * @module
 */

import { CWD, readFile } from "../../os/file.ts";
import { decodeOs } from "../../os/os_string.ts";
import { exists, readLink, rename, symlink, unlink } from "../../os/path.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { definitionsDirectory } from "./live.ts";
import { writeText } from "./write_text.ts";

/** What an update renames. */
export interface Renames {
  /** The new names of all services that get one, by the old ones. */
  readonly services: ReadonlyMap<string, string>;
  /** Those of longruns that go on. */
  readonly carried: ReadonlyMap<string, string>;
}

/** Where longruns are supervised. */
interface Place {
  readonly scandir: string;
  readonly prefix: string;
}

const NOTHING: Renames = { services: new Map(), carried: new Map() };

const fileOf = (live: string, id: string) => `${definitionsDirectory(live, id)}/renames`;
/** Says that everything has its name in between. */
const markOf = (live: string, id: string) => `${definitionsDirectory(live, id)}/renames-begun`;

/** Records what a prepared update renames. */
export function writeRenames(live: string, id: string, { carried, services }: Renames): void {
  if (services.size === 0) return;
  writeText(fileOf(live, id), JSON.stringify({ services: [...services], carried: [...carried] }));
}

/** Reads what an update renames. */
export function readRenames(live: string, id: string): Renames {
  const path = fileOf(live, id);
  if (!exists(CWD, path)) return NOTHING;
  const { carried, services } = JSON.parse(decodeOs(readFile(CWD, path, 1 << 26)));
  return { services: new Map(services), carried: new Map(carried) };
}

function renameIfThere(from: string, to: string): void {
  if (exists(CWD, from)) rename(CWD, from, to);
}

/** Gives service directories and pipes that go on their new names. It may be repeated after it was killed. */
export function carryOver(
  live: string,
  id: string,
  { carried }: Renames,
  { prefix, scandir }: Place,
): void {
  if (carried.size === 0) return;
  const kinds = ["servicedirs", "pipes"].map((kind) => `${live}/${kind}`);
  const entries = [...carried];
  if (!exists(CWD, markOf(live, id))) {
    // The links by the new names come first: at no moment is a supervisor without a name in the scan directory.
    for (const [, name] of entries) {
      linkNew(`${live}/servicedirs/${name}`, `${scandir}/${prefix}${name}`);
    }
    for (const at of kinds) {
      entries.forEach(([name], index) => {
        const between = `${at}/.renamed.${index}`;
        if (!exists(CWD, between)) renameIfThere(`${at}/${name}`, between);
      });
    }
    writeText(markOf(live, id), "");
  }
  for (const at of kinds) {
    entries.forEach(([, name], index) => renameIfThere(`${at}/.renamed.${index}`, `${at}/${name}`));
  }
}

function linkNew(directory: string, path: string): void {
  try {
    symlink(directory, CWD, path);
  } catch (error) {
    // An exchange of names: the link is there, and will lead to the other one.
    if (!isErrno(error, Errno.EEXIST)) throw error;
  }
}

/**
 * Removes the links by the old names from the scan directory.
 *
 * @returns Whether there were any.
 */
export function unlinkOldNames(
  live: string,
  { carried }: Renames,
  kept: ReadonlySet<string>,
  { prefix, scandir }: Place,
): boolean {
  let found = false;
  for (const name of carried.keys()) {
    if (kept.has(name)) continue;
    const path = `${scandir}/${prefix}${name}`;
    if (linkAt(path) === `${live}/servicedirs/${name}`) found = unlink(CWD, path) || found;
  }
  return found;
}

/** Returns where a link leads; undefined where there is none. */
function linkAt(path: string): string | null | undefined {
  try {
    return readLink(CWD, path);
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return undefined;
    throw error;
  }
}
