import { close, Open, open } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { unlink } from "../../os/path.ts";
import { LogFile, WHOLE } from "./file_names.ts";
import { type ArchivePlace, storeArchive } from "./store_archive.ts";

/**
 * Brings a log directory into order before its next logger writes. Where the last one closed it, `current`
 * goes on. Where the last one was killed, at whatever moment, what it has left becomes archives: what the
 * processor has finished an ordinary one, everything else an unprocessed one.
 *
 * @param place The directory, which the caller has locked.
 * @returns The size of `current`, where it goes on.
 */
export function recover(place: ArchivePlace): number {
  const { directory } = place;
  const current = tryStat(directory, LogFile.current);
  if (current !== undefined && (current.mode & WHOLE) !== 0) return current.size;
  unlink(directory, LogFile.state);
  unlink(directory, LogFile.newState);
  const processed = tryStat(directory, LogFile.processed);
  if (processed !== undefined && (processed.mode & WHOLE) !== 0) {
    unlink(directory, LogFile.previous);
    storeArchive(place, LogFile.processed, "s");
  } else {
    unlink(directory, LogFile.processed);
    storeArchive(place, LogFile.previous, "u");
  }
  storeArchive(place, LogFile.current, "u");
  close(open(directory, LogFile.state, Open.WRITE | Open.CREATE | Open.TRUNCATE));
  return 0;
}
