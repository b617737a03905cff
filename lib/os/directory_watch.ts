/**
 * What happens in directories, as inotify(7) tells it: one descriptor for as many directories as are added.
 *
 * @module
 */

import { close, tryRead } from "./file.ts";
import { libc } from "./libc.ts";
import { inotifyEvents } from "./inotify_events.ts";
import { cString } from "./os_string.ts";
import { check, SystemError } from "./system_error.ts";

const IN_MODIFY = 0x2;
const IN_CLOSE_WRITE = 0x8;
const IN_MOVED_FROM = 0x40;
const IN_MOVED_TO = 0x80;
const IN_CREATE = 0x100;
const IN_DELETE = 0x200;
const IN_DELETE_SELF = 0x400;
const IN_MOVE_SELF = 0x800;
const IN_Q_OVERFLOW = 0x4000;
const IN_IGNORED = 0x8000;
const IN_ONLYDIR = 0x1000000;
const FLAGS = 0o2004000;

const WATCHED = IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE |
  IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

/** Something that has happened in a directory. */
export interface DirectoryEvent {
  /** The directory, as {@linkcode DirectoryWatch.add} has numbered it; -1 for "lost". */
  readonly directory: number;
  /** The file; empty where it is the directory itself. */
  readonly name: string;
  /**
   * `made`: a file has come, by rename or new; `gone`: a file went; `written`: a file was closed that was
   * open for writing, or was written to; `ended`: the directory itself was removed or moved, and is not watched any more;
   * `lost`: the kernel had no room, and anything may have happened in any of the directories.
   */
  readonly what: "made" | "gone" | "written" | "ended" | "lost";
}

function meaningOf(mask: number): DirectoryEvent["what"] | undefined {
  if (mask & IN_Q_OVERFLOW) return "lost";
  if (mask & IN_IGNORED) return undefined;
  if (mask & (IN_DELETE_SELF | IN_MOVE_SELF)) return "ended";
  if (mask & (IN_CREATE | IN_MOVED_TO)) return "made";
  return mask & (IN_DELETE | IN_MOVED_FROM) ? "gone" : "written";
}

/** Directories that are watched. */
export class DirectoryWatch implements Disposable {
  /** Readable when something has happened. */
  readonly fd: number;
  readonly #buffer = new Uint8Array(16_384);

  /** @throws {SystemError} when this user has too many of them already. */
  constructor() {
    this.fd = check(libc.inotify_init1(FLAGS), "watch directories");
  }

  /**
   * Begins to watch a directory, which this user may read.
   *
   * @param path The directory.
   * @param eachWrite Whether each write to one of its files is told, and not only that it was closed.
   * @returns Its number; the same one for the same directory.
   * @throws {SystemError} when it can't be watched.
   */
  add(path: string, eachWrite = false): number {
    const what = eachWrite ? WATCHED | IN_MODIFY : WATCHED;
    const number = libc.inotify_add_watch(this.fd, cString(path), what);
    if (number < 0) throw new SystemError(`watch ${path}`);
    return number;
  }

  /** Returns what has happened since the last call; empty where nothing has. Never waits. */
  read(): DirectoryEvent[] {
    const count = tryRead(this.fd, this.#buffer);
    const events: DirectoryEvent[] = [];
    for (const { mask, name, watch } of inotifyEvents(this.#buffer, count)) {
      const what = meaningOf(mask);
      if (what !== undefined) events.push({ directory: watch, name, what });
    }
    return events;
  }

  [Symbol.dispose](): void {
    close(this.fd);
  }
}
