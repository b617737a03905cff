/**
 * Copying and removing files and directories, some of which belong to other users.
 *
 * Every directory is entered once, by a descriptor, and what is in it is opened relative to that, and
 * never through a symbolic link: its owner may replace anything in it at any time.
 *
 * @module
 */

import { effectiveUserId } from "../../os/credentials.ts";
import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open, tryOpen, tryRead, writeAll } from "../../os/file.ts";
import { type FileStatus, fstat, stat } from "../../os/file_status.ts";
import { openOwn } from "../../os/open_own.ts";
import { mkdir, mkfifo, readLink, rmdir, symlink, unlink } from "../../os/path.ts";
import { setMode, tryChangeOwner } from "../../os/rights.ts";
import { Errno, isErrno, SystemError } from "../../os/system_error.ts";

const CHUNK = 65536;

/** The permissions without set-user-id and set-group-id, which no copy gets. */
const WITHOUT_SET_ID = 0o1777;

/** Returns the names in a directory. */
export function listDirectory(path: string): string[] {
  using directory = new Descriptor(open(CWD, path, Open.READ | Open.DIRECTORY));
  return readNames(directory.fd, path);
}

/** A place in a directory that is open. */
interface Place {
  /** The directory. */
  readonly directory: number;
  /** The name there. */
  readonly name: string;
  /** What to call it in an error. */
  readonly path: string;
}

/** Calls back with a path as a place in its parent directory, which is open meanwhile. */
function atPlace<T>(path: string, call: (place: Place) => T): T {
  const slash = path.lastIndexOf("/");
  const parent = slash < 0 ? "." : path.slice(0, slash) || "/";
  using directory = new Descriptor(open(CWD, parent, Open.PATH | Open.DIRECTORY));
  return call({ directory: directory.fd, name: path.slice(slash + 1), path });
}

/** Copies what is left of an open file to a new one. */
function copyContent(source: number, { directory, name, path }: Place): Descriptor {
  const flags = Open.WRITE | Open.CREATE | Open.EXCLUSIVE;
  const target = new Descriptor(open(directory, name, flags, 0o600));
  try {
    const buffer = new Uint8Array(CHUNK);
    for (;;) {
      const count = tryRead(source, buffer);
      if (count < 0) throw new SystemError(`read what is copied to ${path}`, -count);
      if (count === 0) return target;
      writeAll(target.fd, buffer.subarray(0, count), path);
    }
  } catch (error) {
    target[Symbol.dispose]();
    throw error;
  }
}

/**
 * Copies the content of a file to a new file, and gives that a mode. A symbolic link is followed only
 * if this user or root has made it.
 */
export function copyFile(from: string, to: string, mode: number): void {
  using source = new Descriptor(openOwn(CWD, from, Open.READ | Open.NONBLOCK));
  if (fstat(source.fd).type !== "file") throw new Error(`Cannot copy ${from}: it is no file`);
  using target = atPlace(to, (place) => copyContent(source.fd, place));
  setMode(target.fd, mode, to);
}

/** Gives a copy its owner, if this user may, and its mode. */
function finish(fd: number, { mode, uid, gid }: FileStatus, path: string): void {
  if (effectiveUserId() === 0) tryChangeOwner(fd, uid, gid);
  setMode(fd, mode & WITHOUT_SET_ID, path);
}

/** Copies a symbolic link. */
function copyLink(from: Place, { directory, name }: Place): void {
  using source = new Descriptor(open(from.directory, from.name, Open.PATH | Open.NOFOLLOW));
  const { type, uid, gid } = fstat(source.fd);
  if (type !== "symlink") {
    throw new SystemError(`copy the symbolic link ${from.path}`, Errno.EINVAL);
  }
  symlink(readLink(source.fd, "")!, directory, name);
  if (effectiveUserId() !== 0) return;
  using target = new Descriptor(open(directory, name, Open.PATH | Open.NOFOLLOW));
  tryChangeOwner(target.fd, uid, gid);
}

/** A directory whose content is being copied. */
class CopiedDirectory implements Disposable {
  readonly #resources = new DisposableStack();
  readonly #from: Place;
  readonly #to: Place;
  readonly #source: Descriptor;
  readonly #target: Descriptor;
  readonly #status: FileStatus;
  readonly #names: string[];

  /** Makes the copy, without content. */
  constructor(from: Place, to: Place, source: Descriptor, status: FileStatus) {
    this.#from = from;
    this.#to = to;
    this.#status = status;
    this.#source = this.#resources.use(source);
    this.#names = readNames(source.fd, from.path);
    mkdir(to.directory, to.name, 0o700);
    const flags = Open.READ | Open.DIRECTORY | Open.NOFOLLOW;
    this.#target = this.#resources.use(new Descriptor(open(to.directory, to.name, flags)));
  }

  /** Returns the places of an entry that is not copied yet; undefined where there is none left. */
  next(): [from: Place, to: Place] | undefined {
    const name = this.#names.pop();
    return name === undefined ? undefined : [
      { directory: this.#source.fd, name, path: `${this.#from.path}/${name}` },
      { directory: this.#target.fd, name, path: `${this.#to.path}/${name}` },
    ];
  }

  /** Gives the copy its owner and mode. Not before: until then its future owner can't enter. */
  finish(): void {
    finish(this.#target.fd, this.#status, this.#to.path);
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}

/**
 * Copies what is at one place to another, where nothing is. A socket is left out: nothing would listen at
 * its copy.
 *
 * @returns A directory, whose content is still to be copied; undefined for anything else.
 */
function copyEntry(from: Place, to: Place): CopiedDirectory | undefined {
  const opened = tryOpen(from.directory, from.name, Open.READ | Open.NONBLOCK | Open.NOFOLLOW);
  if (opened === -Errno.ELOOP) return void copyLink(from, to);
  // What open(2) answers for a socket, and for a device without a driver.
  if (opened === -Errno.ENXIO && stat(from.directory, from.name, false).type === "socket") return;
  if (opened < 0) throw new SystemError(`copy ${from.path}`, -opened);
  using resources = new DisposableStack();
  const source = resources.use(new Descriptor(opened));
  const status = fstat(source.fd);
  if (status.type === "file") {
    finish(resources.use(copyContent(source.fd, to)).fd, status, to.path);
  } else if (status.type === "fifo") {
    mkfifo(to.directory, to.name, 0o600);
    const flags = Open.PATH | Open.NOFOLLOW;
    finish(resources.use(new Descriptor(open(to.directory, to.name, flags))).fd, status, to.path);
  } else if (status.type === "directory") {
    const directory = new CopiedDirectory(from, to, source, status);
    resources.move();
    return directory;
  } else throw new Error(`Cannot copy ${from.path}: it is neither file, directory, link nor FIFO`);
}

/** Copies what is at one place to another, where nothing is, with all that is in it. */
function copy(from: Place, to: Place): void {
  // No recursion: directories may be nested deeper than the stack.
  const entered: CopiedDirectory[] = [];
  const enter = (directory: CopiedDirectory | undefined) => directory && entered.push(directory);
  try {
    enter(copyEntry(from, to));
    for (let directory = entered.at(-1); directory !== undefined; directory = entered.at(-1)) {
      const entry = directory.next();
      if (entry !== undefined) enter(copyEntry(...entry));
      else {
        directory.finish();
        entered.pop()![Symbol.dispose]();
      }
    }
  } finally {
    for (const directory of entered) directory[Symbol.dispose]();
  }
}

/**
 * Copies a file, or a directory with all that is in it: with modes (but not set-user-id), owners and
 * symbolic links. There must be nothing at the new path.
 */
export function copyTree(from: string, to: string): void {
  atPlace(from, (source) => atPlace(to, (target) => copy(source, target)));
}

/** A directory that is being removed. */
interface RemovedDirectory {
  readonly place: Place;
  readonly opened: Descriptor;
  /** What is still in it. */
  readonly names: string[];
}

/**
 * Removes what is at a place; does nothing where there is nothing.
 *
 * @returns A directory, whose content is to be removed first; undefined for anything else.
 */
function removeEntry(place: Place): RemovedDirectory | undefined {
  const { directory, name, path } = place;
  try {
    return void unlink(directory, name);
  } catch (error) {
    if (!isErrno(error, Errno.EISDIR)) throw error;
  }
  const listing = tryOpen(directory, name, Open.READ | Open.DIRECTORY | Open.NOFOLLOW);
  if (listing < 0) throw new SystemError(`remove ${path}`, -listing);
  using resources = new DisposableStack();
  const opened = resources.use(new Descriptor(listing));
  const names = readNames(opened.fd, path);
  resources.move();
  return { place, opened, names };
}

/** Removes what is at a place, with all that is in it. */
function remove(place: Place): void {
  const entered: RemovedDirectory[] = [];
  const enter = (directory: RemovedDirectory | undefined) => directory && entered.push(directory);
  try {
    enter(removeEntry(place));
    for (let level = entered.at(-1); level !== undefined; level = entered.at(-1)) {
      const { place: { directory, name, path }, opened, names } = level;
      const entry = names.pop();
      if (entry !== undefined) {
        enter(removeEntry({ directory: opened.fd, name: entry, path: `${path}/${entry}` }));
        continue;
      }
      entered.pop();
      opened[Symbol.dispose]();
      rmdir(directory, name);
    }
  } finally {
    for (const { opened } of entered) opened[Symbol.dispose]();
  }
}

/** Removes a file, or a directory with all that is in it. Does nothing where there is none. */
export function removeTree(path: string): void {
  try {
    atPlace(path, remove);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
  }
}
