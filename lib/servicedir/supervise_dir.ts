import { close, Open, open } from "../os/file.ts";
import { fstat, stat } from "../os/file_status.ts";
import { tryLock, unlock } from "../os/lock.ts";
import { lockHolder } from "../os/lock_holder.ts";
import { mkdir, mkfifo, readLink } from "../os/path.ts";
import { processCommand } from "../os/process_family.ts";
import type { ControlPaths } from "./protocol.ts";

const LOCK_MODE = 0o644;
const CONTROL_MODE = 0o600;

/** Another supervisor has the service directory. */
export class AlreadySupervisedError extends Error {
  /** The name by which it is told from other errors. */
  override name = "AlreadySupervisedError";
}

/** Something in the service directory is of the wrong kind. */
export class WrongFileError extends Error {
  override name = "WrongFileError";
}

/** What a supervisor holds open for its whole life. */
export interface SuperviseDir extends Disposable {
  /** Whether no supervisor has run here before. */
  readonly isNew?: boolean;
  /** The control FIFO, open at both ends. */
  readonly control: number;
  /** The locked file. */
  readonly lock: number;
}

/**
 * Makes a directory that only its owner may enter, unless it exists. It may be a symbolic link, and
 * the link may lead to where there is nothing yet.
 *
 * @returns whether it was made.
 */
export function ensureDirectory(base: number, path: string): boolean {
  if (mkdir(base, path, 0o700)) return true;
  const target = readLink(base, path);
  const made = target !== null && mkdir(base, target, 0o700);
  if (stat(base, path).type !== "directory") {
    throw new WrongFileError(`Cannot use ${path}: it exists and is not a directory`);
  }
  return made;
}

/**
 * Makes a directory for a lock and a control FIFO, takes the lock, and opens the FIFO. Call it
 * without umask, for the modes to be exact.
 *
 * @param base The directory it is in, open: a service directory, or a scan directory.
 * @param paths The paths there.
 * @param name What to call the service in an error.
 * @param lockMode The mode of the file that is locked.
 */
export function openControl(
  base: number,
  { directory, lock: lockPath, control: controlPath }: ControlPaths,
  name: string,
  lockMode = LOCK_MODE,
): SuperviseDir {
  const opened: number[] = [];
  let locked: number | undefined;
  const flags = Open.NONBLOCK | Open.NOFOLLOW;
  try {
    const isNew = ensureDirectory(base, directory);
    const lock = open(base, lockPath, flags | Open.WRITE | Open.CREATE, lockMode);
    opened.push(lock);
    if (!tryLock(lock, lockPath)) {
      throw new AlreadySupervisedError(
        `Cannot supervise ${name}: another supervisor is running` +
          describe(lockHolder(lock, lockPath)),
      );
    }
    locked = lock;
    const noFifo = () =>
      new WrongFileError(
        `Cannot use ${name}/${controlPath}: it is not a FIFO; remove it and start again`,
      );
    const isOurs = mkfifo(base, controlPath, CONTROL_MODE);
    if (!isOurs && stat(base, controlPath).type !== "fifo") throw noFifo();
    // With this writer the FIFO never reports end of file.
    const control = open(base, controlPath, flags | Open.READ_WRITE);
    opened.push(control);
    if (!isOurs && fstat(control).type !== "fifo") throw noFifo();
    return { ...heldControl(control, lock), isNew };
  } catch (error) {
    if (locked !== undefined) unlock(locked);
    opened.forEach(close);
    throw error;
  }
}

/** Returns words for the process that has the lock. */
function describe(pid: number | undefined): string {
  return pid === undefined ? "" : `, process ${pid} (${processCommand(pid) ?? "?"})`;
}

/** Returns what a supervisor holds, from descriptors that are open already. */
export function heldControl(control: number, lock: number): SuperviseDir {
  return {
    control,
    lock,
    [Symbol.dispose]() {
      close(control);
      unlock(lock);
      close(lock);
    },
  };
}
