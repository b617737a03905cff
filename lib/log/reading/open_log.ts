import { CWD, Descriptor, Open, open, tryOpen } from "../../os/file.ts";
import { fstat, tryStat } from "../../os/file_status.ts";
import { readNames } from "../../os/directory.ts";
import { encodeOs } from "../../os/os_string.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import type { Instant } from "../../tai/tai64n.ts";
import { LogFile, WHOLE } from "../directory/file_names.ts";
import { PlainContent } from "./log_content.ts";
import { readTai64n } from "./stamps.ts";

/** Where a log is: a log directory, or one file that is no part of one. */
export interface LogPlace {
  /** The directory. */
  readonly directory: string;
  /** The file that lines are appended to. */
  readonly current: string;
  /** Whether it is a log directory, with archives. */
  readonly hasArchives: boolean;
}

/** Returns the place of a log that is a log directory. */
export function logDirectoryAt(directory: string): LogPlace {
  return { directory, current: LogFile.current, hasArchives: true };
}

/** Returns the place of a log that is a plain file. */
export function logFileAt(path: string): LogPlace {
  const slash = path.lastIndexOf("/");
  const directory = slash < 0 ? "." : path.slice(0, slash) || "/";
  return { directory, current: path.slice(slash + 1), hasArchives: false };
}

/** An archive of a log directory. */
export interface LogArchive {
  readonly name: string;
  /** When it was made: all its lines are older. */
  readonly until: Instant;
}

/** The files of a log at one moment. */
export interface OpenLog extends Disposable {
  readonly place: LogPlace;
  /** The archives, the oldest first. */
  readonly archives: readonly LogArchive[];
  /** The former `current`, where it is being archived; also what its processor has made of it. */
  readonly previous: PlainContent | undefined;
  /** The file that lines are appended to; undefined where there is none now. */
  readonly current: PlainContent | undefined;
}

/** Names of archives; other programs may have compressed them since. `@….t` is unfinished: svlogd's. */
const ARCHIVE = /^@[0-9a-f]{24}\.[su](?:\.\w+)?$/;

/** Returns the archives among the names of a log directory, the oldest first. */
export function archivesAmong(names: readonly string[]): LogArchive[] {
  return names.filter((name) => ARCHIVE.test(name)).sort()
    .flatMap((name) => {
      const until = readTai64n(encodeOs(name));
      return until === undefined ? [] : [{ name, until }];
    });
}

/** How often a log directory is looked at until no rotation happens meanwhile. */
const ATTEMPTS = 20;

/** Opens a file of the directory; undefined where there is no such file. */
function tryContent(at: number, { directory, hasArchives }: LogPlace, name: string) {
  // In a log directory, a link leads out of it; a file that was named may be one.
  const flags = Open.READ | Open.NONBLOCK | (hasArchives ? Open.NOFOLLOW : 0);
  const fd = tryOpen(at, name, flags);
  if (fd === -Errno.ENOENT) return undefined;
  if (fd < 0) throw new SystemError(`open ${directory}/${name} for reading`, -fd);
  return new PlainContent(fd, `${directory}/${name}`);
}

/** Opens what a rotation that is under way has made of the former `current`. */
function tryPrevious(at: number, place: LogPlace): PlainContent | undefined {
  const previous = tryContent(at, place, LogFile.previous);
  if (previous !== undefined) return previous;
  const processed = tryContent(at, place, LogFile.processed);
  // Not yet whole: there is a `previous`, or was when its processor began.
  if (processed === undefined || (fstat(processed.fd).mode & WHOLE) !== 0) return processed;
  processed[Symbol.dispose]();
  return undefined;
}

/**
 * Opens the files of a log as they are at one moment: each line is in one of them, and in one only, though
 * a rotation goes on.
 *
 * @throws {SystemError} where they can't be read.
 */
export function openLog(place: LogPlace): OpenLog {
  using directory = new Descriptor(open(CWD, place.directory, Open.READ | Open.DIRECTORY));
  const { fd } = directory;
  for (let attempt = 1;; attempt++) {
    const before = place.hasArchives ? readNames(fd, place.directory) : [];
    const current = tryContent(fd, place, place.current);
    const previous = place.hasArchives ? tryPrevious(fd, place) : undefined;
    const after = place.hasArchives ? readNames(fd, place.directory) : [];
    const now = tryStat(fd, place.current)?.identity;
    const isSettled = now === (current && fstat(current.fd).identity) &&
      before.sort().join("/") === after.sort().join("/");
    if (isSettled || attempt === ATTEMPTS) {
      return {
        place,
        archives: archivesAmong(after),
        previous,
        current,
        [Symbol.dispose]() {
          previous?.[Symbol.dispose]();
          current?.[Symbol.dispose]();
        },
      };
    }
    previous?.[Symbol.dispose]();
    current?.[Symbol.dispose]();
  }
}
