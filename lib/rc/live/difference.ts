import { CWD, readFile } from "../../os/file.ts";
import { type FileStatus, tryStat } from "../../os/file_status.ts";
import { decodeOs } from "../../os/os_string.ts";
import { readLink } from "../../os/path.ts";
import { listDirectory } from "./copy_tree.ts";

/** How two trees of files differ. */
export interface Difference {
  /** The path at which they do, in both; empty for the trees themselves. */
  readonly path: string;
  /** Whether only the second tree has it, only the first, or both, in different forms. */
  readonly what: "new" | "gone" | "changed";
}

function sameRights(a: FileStatus, b: FileStatus): boolean {
  return a.type === b.type && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

/** Tells whether two files that are no directories have the same content. */
function sameContent(one: string, other: string, a: FileStatus, b: FileStatus): boolean {
  if (a.type === "symlink") return readLink(CWD, one) === readLink(CWD, other);
  if (a.type !== "file") return true;
  return a.size === b.size &&
    decodeOs(readFile(CWD, one, a.size)) === decodeOs(readFile(CWD, other, b.size));
}

/**
 * Finds the first difference between two files, or between two directories with all that is in them.
 *
 * @param one The path of the first.
 * @param other The path of the second.
 * @param counts Tells whether an entry of the directories themselves counts, by its name.
 * @returns undefined where there is none.
 */
export function differenceOf(
  one: string,
  other: string,
  counts: (name: string) => boolean = () => true,
): Difference | undefined {
  // No recursion: directories may be nested deeper than the stack.
  const left = [""];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    const at = path === "" ? "" : `/${path}`;
    const [a, b] = [tryStat(CWD, one + at, false), tryStat(CWD, other + at, false)];
    if (a === undefined && b === undefined) continue;
    if (a === undefined) return { path, what: "new" };
    if (b === undefined) return { path, what: "gone" };
    if (!sameRights(a, b)) return { path, what: "changed" };
    if (a.type !== "directory") {
      if (!sameContent(one + at, other + at, a, b)) return { path, what: "changed" };
      continue;
    }
    const names = new Set([...listDirectory(one + at), ...listDirectory(other + at)]);
    const below = [...names].filter((name) => path !== "" || counts(name)).sort().reverse();
    for (const name of below) left.push(path === "" ? name : `${path}/${name}`);
  }
  return undefined;
}
