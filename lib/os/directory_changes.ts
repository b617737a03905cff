import { close, tryRead } from "./file.ts";
import { libc } from "./libc.ts";
import { inotifyEvents } from "./inotify_events.ts";
import { cString } from "./os_string.ts";

const IN_FLAGS = 0o2004000;
const IN_OPEN = 0x20;
const IN_MOVED_TO = 0x80;
const IN_CREATE = 0x100;
const IN_ONLYDIR = 0x0100_0000;

/** Tells when files of directories are made or opened. Disposing of it ends that. */
export class DirectoryChanges implements Disposable {
  /** The descriptor that is readable when something has happened; -1 where the kernel has none to give. */
  readonly fd: number;

  constructor() {
    this.fd = libc.inotify_init1(IN_FLAGS);
  }

  /** Begins to watch a directory. Returns false where there is none, or it can't be watched. */
  watch(path: string): boolean {
    const what = IN_CREATE | IN_MOVED_TO | IN_OPEN | IN_ONLYDIR;
    return this.fd >= 0 && libc.inotify_add_watch(this.fd, cString(path), what) >= 0;
  }

  /** Returns the names of the files that were made or opened since the last call. */
  read(): string[] {
    const names: string[] = [];
    const buffer = new Uint8Array(4096);
    for (let count = tryRead(this.fd, buffer); count > 0; count = tryRead(this.fd, buffer)) {
      for (const { name } of inotifyEvents(buffer, count)) names.push(name);
    }
    return names;
  }

  [Symbol.dispose](): void {
    if (this.fd >= 0) close(this.fd);
  }
}
