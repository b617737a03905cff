import { close, Open, tryOpen } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { tryProcessLock } from "../../os/lock.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import { LogFile } from "./file_names.ts";

/** The directories that this process has locked, by device and inode. */
const locked = new Set<string>();

/**
 * The lock on a log directory. It belongs to the process, as s6-log's does, and not to the open file: a
 * processor that is being started has copies of all descriptors until its program begins, and where the
 * logger is killed at that moment, a lock of the open file would keep the next logger out.
 *
 * The kernel drops a lock of a process with the first descriptor of the file that the process closes, and
 * does not keep the process from locking it twice. So no other code opens this file, and what this process
 * has locked is known here.
 */
export class DirectoryLock implements Disposable {
  readonly #fd: number;
  readonly #identity: string;

  private constructor(fd: number, identity: string) {
    this.#fd = fd;
    this.#identity = identity;
  }

  /**
   * Locks a log directory.
   *
   * @param directory The directory, open.
   * @param path Its path, for errors.
   * @param options Whether a file to be locked is made where there is none.
   * @returns undefined where there is no such file, and none is made.
   * @throws {SystemError} with EBUSY where another logger has the lock.
   */
  static take(
    directory: number,
    path: string,
    { make }: { readonly make: boolean },
  ): DirectoryLock | undefined {
    const name = `${path}/${LogFile.lock}`;
    const busy = () =>
      new SystemError(`lock ${name}: another logger writes to this directory`, Errno.EBUSY);
    const { identity } = fstat(directory);
    if (locked.has(identity)) throw busy();
    const flags = Open.WRITE | Open.NONBLOCK | Open.NOFOLLOW | (make ? Open.CREATE : 0);
    const fd = tryOpen(directory, LogFile.lock, flags);
    if (fd < 0 && !make) return undefined;
    if (fd < 0) throw new SystemError(`open ${name} for writing`, -fd);
    try {
      if (!tryProcessLock(fd, name, "exclusive")) throw busy();
    } catch (error) {
      close(fd);
      throw error;
    }
    locked.add(identity);
    return new DirectoryLock(fd, identity);
  }

  [Symbol.dispose](): void {
    locked.delete(this.#identity);
    close(this.#fd);
  }
}
