import { effectiveUserId } from "../../os/credentials.ts";
import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open, tryRead, writeAll } from "../../os/file.ts";
import { stat } from "../../os/file_status.ts";
import {
  chmod,
  mkdir,
  mkfifo,
  readLink,
  rmdir,
  symlink,
  tryChangeOwner,
  unlink,
} from "../../os/path.ts";
import { Errno, isErrno } from "../../os/system_error.ts";

const CHUNK = 65536;

/** Returns the names in a directory. */
export function listDirectory(path: string): string[] {
  using directory = new Descriptor(open(CWD, path, Open.READ | Open.DIRECTORY));
  return readNames(directory.fd, path);
}

/** Copies the content of a file to another file, and gives that a mode. */
export function copyFile(from: string, to: string, mode: number): void {
  using source = new Descriptor(open(CWD, from, Open.READ | Open.NONBLOCK));
  using target = new Descriptor(
    open(CWD, to, Open.WRITE | Open.CREATE | Open.TRUNCATE, 0o600),
  );
  const buffer = new Uint8Array(CHUNK);
  for (;;) {
    const count = tryRead(source.fd, buffer);
    if (count <= 0) break;
    writeAll(target.fd, buffer.subarray(0, count), to);
  }
  chmod(CWD, to, mode);
}

/** Copies a file, or a directory with all that is in it: with modes, owners and symbolic links. */
export function copyTree(from: string, to: string): void {
  const { type, mode, uid, gid } = stat(CWD, from, false);
  if (type === "symlink") symlink(readLink(CWD, from)!, CWD, to);
  else if (type === "fifo") mkfifo(CWD, to, mode);
  else if (type === "file") copyFile(from, to, mode);
  else if (type === "directory") {
    mkdir(CWD, to, 0o700);
    for (const name of listDirectory(from)) copyTree(`${from}/${name}`, `${to}/${name}`);
    chmod(CWD, to, mode);
  } else throw new Error(`Cannot copy ${from}: it is neither file, directory, link nor FIFO`);
  if (effectiveUserId() === 0) tryChangeOwner(CWD, to, uid, gid);
}

/** Removes a file, or a directory with all that is in it. Does nothing where there is none. */
export function removeTree(path: string): void {
  try {
    if (stat(CWD, path, false).type !== "directory") return void unlink(CWD, path);
    for (const name of listDirectory(path)) removeTree(`${path}/${name}`);
    rmdir(CWD, path);
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
  }
}
