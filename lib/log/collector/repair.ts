import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open, tryOpen, writeAll } from "../../os/file.ts";
import { fstat, tryStat } from "../../os/file_status.ts";
import { readAt } from "../../os/journal_file.ts";
import { setMode } from "../../os/rights.ts";
import { DirectoryLock } from "../directory/directory_lock.ts";
import { LogFile, WHOLE } from "../directory/file_names.ts";

const NEWLINE = 10;

/** A write that a killed process has begun. */
export interface Begun {
  /** The inode of the file. */
  readonly inode: string;
  /** The size of the file before the write. */
  readonly position: number;
  /** All of its bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Returns the inode of an open file. */
export function inodeOf(fd: number): string {
  return fstat(fd).identity.split(":").at(-1)!;
}

/** Whether one of the other files of the directory has an inode. */
function holdsInode(directory: number, inode: string): boolean {
  using listing = new Descriptor(open(directory, ".", Open.READ | Open.DIRECTORY));
  const names = readNames(listing.fd, "the log directory");
  return names.filter((name) => name.startsWith("@") || name === LogFile.previous).some((name) => {
    const fd = tryOpen(directory, name, Open.READ | Open.NOFOLLOW | Open.NONBLOCK);
    if (fd < 0) return false;
    using file = new Descriptor(fd);
    return inodeOf(file.fd) === inode;
  });
}

/** Returns how many bytes of the write are in the file. */
function written(file: number, { bytes, position }: Begun): number {
  const found = new Uint8Array(bytes.length);
  const length = readAt(file, found, position);
  let same = 0;
  while (same < length && found[same] === bytes[same]) same++;
  return same;
}

/** Whether a file ends with a whole line, or is empty: its next logger may go on with it. */
function endsWithLine(file: number): boolean {
  const { size } = fstat(file);
  const last = new Uint8Array(1);
  return size === 0 || (readAt(file, last, size - 1) === 1 && last[0] === NEWLINE);
}

/**
 * Finishes what a killed process has begun to write into a log directory, and marks `current` as whole
 * where no archiving was under way, so that its next logger goes on with it. Call it before the directory is opened.
 *
 * @param path The log directory.
 * @param inode The inode of the `current` that the killed process wrote to.
 * @param begun The write that it had begun; undefined where it had begun none.
 * @returns Whether the write is finished. Otherwise nothing of it is there.
 */
export function repair(path: string, inode: string, begun: Begun | undefined): boolean {
  const opened = tryOpen(CWD, path, Open.READ | Open.DIRECTORY);
  if (opened < 0) return false;
  using directory = new Descriptor(opened);
  // Where another logger has it, opening the directory fails as well, and all is tried again.
  const lock = DirectoryLock.take(directory.fd, path, { make: false });
  if (lock === undefined) return false;
  using _held = lock;
  const flags = Open.READ_WRITE | Open.APPEND | Open.NOFOLLOW | Open.NONBLOCK;
  const currentFd = tryOpen(directory.fd, LogFile.current, flags);
  if (currentFd >= 0) {
    using current = new Descriptor(currentFd);
    if (inodeOf(current.fd) === inode) {
      if (begun !== undefined) {
        const rest = begun.bytes.subarray(written(current.fd, begun));
        if (rest.length > 0) writeAll(current.fd, rest, `${path}/${LogFile.current}`);
      }
      if (endsWithLine(current.fd) && tryStat(directory.fd, LogFile.previous) === undefined) {
        const { mode } = fstat(current.fd);
        setMode(current.fd, mode | WHOLE, `${path}/${LogFile.current}`);
      }
      return begun !== undefined;
    }
  }
  // A file is archived only after a whole write.
  return begun !== undefined && holdsInode(directory.fd, begun.inode);
}
