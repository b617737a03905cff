import { close, CWD, tryCreate } from "../os/file.ts";
import { identityAt } from "../os/file_status.ts";
import { tryWriteAt } from "../os/journal_file.ts";
import { tryLock, unlock } from "../os/lock.ts";
import { cString } from "../os/os_string.ts";
import { rename, unlink } from "../os/path.ts";
import { NO_LIMIT, readLimit, Resource } from "../os/resource_limits.ts";
import { NEW_FILE, ScanPath } from "../servicedir/protocol.ts";
import { firstSlot, Slot, SLOT_BYTES } from "../servicedir/status_copies.ts";
import type { StatusCopy } from "../supervise/status_writer.ts";

/** As the status files themselves, the copies are their owner's alone. */
const MODE = 0o600;

const COPIES = cString(ScanPath.statuses);
const NEW_COPIES = cString(ScanPath.statuses + NEW_FILE);

const ITSELF = cString("");
const EMPTY = new Uint8Array(SLOT_BYTES);

/**
 * The file in which a scan keeps copies of the status files of its services. Where it can't be made or
 * written, or may not grow, there are no copies: each status file has the truth.
 */
export class StatusCopiesFile implements Disposable {
  #fd: number | undefined;
  /** How many slots the file has. */
  #slots = 1;
  /** Those of them that no service has. */
  readonly #free: number[] = [];

  /** @param directory The scan directory, open; by default the working directory. */
  constructor(directory: number = CWD) {
    this.#fd = makeFile(directory);
  }

  /**
   * Makes a copy for a service.
   *
   * @param lock The service's lock file, which this process has locked until the copy is removed.
   */
  enter(lock: number): StatusCopy | undefined {
    const identity = this.#fd === undefined ? undefined : identityAt(lock, ITSELF);
    if (identity === undefined) return undefined;
    const slot = new Slot(identity);
    const index = this.#free.pop() ?? this.#slots++;
    let isRemoved = false;
    return {
      write: (status) => {
        // Another service may have the slot by now.
        if (isRemoved) return;
        slot.update(status);
        this.#write(slot.bytes, index);
      },
      remove: () => {
        isRemoved = true;
        this.#write(EMPTY, index);
        this.#free.push(index);
      },
    };
  }

  #write(slot: Uint8Array<ArrayBuffer>, index: number): void {
    if (this.#fd === undefined) return;
    const count = tryWriteAt(this.#fd, slot, index * SLOT_BYTES);
    // A copy that could not be written must not be believed, nor any beside it.
    if (count !== SLOT_BYTES) this[Symbol.dispose]();
  }

  /** Lets go of the lock, and so of all copies. */
  [Symbol.dispose](): void {
    if (this.#fd === undefined) return;
    unlock(this.#fd);
    close(this.#fd);
    this.#fd = undefined;
  }
}

/** Makes the file. It gets its name when it is locked. */
function makeFile(directory: number): number | undefined {
  // The kernel ends a process whose file goes beyond such a limit.
  if (readLimit(Resource.FILE_SIZE).soft !== NO_LIMIT) return undefined;
  const fd = tryCreate(directory, NEW_COPIES, MODE);
  if (fd < 0) return undefined;
  try {
    if (tryLock(fd, ScanPath.statuses) && tryWriteAt(fd, firstSlot(), 0) === SLOT_BYTES) {
      rename(directory, NEW_COPIES, COPIES);
      return fd;
    }
  } catch {
    // The file system has no locks, say, or a directory has the name.
  }
  unlock(fd);
  close(fd);
  try {
    unlink(directory, NEW_COPIES);
  } catch {
    // The next scan replaces it.
  }
  return undefined;
}
