import { formatTai64n, type Instant } from "../../tai/tai64n.ts";
import type { LogDirectorySettings } from "./settings.ts";

/**
 * How an archive's name ends: `s` where it went through the processor, if there is one, and is on the
 * disk; `u` where its logger was killed.
 */
export type ArchiveEnding = "s" | "u";

/** An archive, and its size in bytes. */
export interface Archive {
  /** Its name in the directory. */
  readonly name: string;
  /** Its size in bytes. */
  readonly size: number;
}

/** Returns the name of an archive that is made at this instant. */
export function archiveName(instant: Instant, ending: ArchiveEnding): string {
  return `${formatTai64n(instant)}.${ending}`;
}

/** Whether a file of a log directory is an archive. */
export function isArchive(name: string): boolean {
  return /^@[0-9a-f]{24}\.[su]$/.test(name);
}

/**
 * Returns the archives that are too many, or make all too large, the oldest first.
 *
 * @param archives All archives, in any order.
 * @param settings How many are kept, and how large all may be.
 */
export function surplus(
  archives: readonly Archive[],
  settings: Pick<LogDirectorySettings, "archives" | "totalSize">,
): Archive[] {
  const oldestFirst = archives.toSorted((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  const limit = settings.totalSize || Infinity;
  let total = archives.reduce((sum, { size }) => sum + size, 0);
  let count = 0;
  while (
    count < archives.length && (archives.length - count > settings.archives || total > limit)
  ) {
    total -= oldestFirst[count++]!.size;
  }
  return oldestFirst.slice(0, count);
}
