import { readNames } from "../../os/directory.ts";
import { Descriptor, Open, open } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { link, unlink } from "../../os/path.ts";
import { Errno, isErrno, reasonOf } from "../../os/system_error.ts";
import type { Instant } from "../../tai/tai64n.ts";
import { type ArchiveEnding, archiveName, isArchive, surplus } from "./archive.ts";
import type { LogDirectorySettings } from "./settings.ts";

/** The part of a log directory that archives need. */
export interface ArchivePlace {
  /** The open directory. */
  readonly directory: number;
  /** How many archives are kept. */
  readonly settings: Pick<LogDirectorySettings, "archives" | "totalSize">;
  /** Returns the time, for the names of archives. */
  readonly now: () => Instant;
  /** Warns of what went wrong and can wait. */
  readonly report: (message: string) => void;
}

/** Gives a file the name of an archive: a later one where another archive was made at the same instant. */
function linkArchive(place: ArchivePlace, name: string, ending: ArchiveEnding): void {
  for (let instant = place.now();; instant++) {
    try {
      return link(place.directory, name, archiveName(instant, ending));
    } catch (error) {
      if (!isErrno(error, Errno.EEXIST)) throw error;
    }
  }
}

/** Removes the oldest archives where there are too many. */
export function trimArchives(place: ArchivePlace): void {
  using listing = new Descriptor(open(place.directory, ".", Open.READ | Open.DIRECTORY));
  const archives = readNames(listing.fd, "the log directory").filter(isArchive).flatMap((name) => {
    const status = tryStat(place.directory, name, false);
    return status === undefined ? [] : [{ name, size: status.size }];
  });
  for (const { name } of surplus(archives, place.settings)) {
    try {
      unlink(place.directory, name);
    } catch (error) {
      place.report(reasonOf(error));
    }
  }
}

/**
 * Makes an archive of a file of the log directory, and removes the oldest where there are too many. An
 * empty file is only removed. Does nothing where there is no such file, and may be repeated wherever it
 * was interrupted: a file that has got its second name already gets no third.
 */
export function storeArchive(place: ArchivePlace, name: string, ending: ArchiveEnding): void {
  const status = tryStat(place.directory, name, false);
  if (status === undefined) return;
  if (status.links === 1 && status.size > 0) {
    linkArchive(place, name, ending);
  }
  unlink(place.directory, name);
  trimArchives(place);
}
