import { tryLock } from "../os/lock.ts";
import { effectiveGroupId } from "../os/credentials.ts";
import { close, Open, open } from "../os/file.ts";
import { fstat, stat } from "../os/file_status.ts";
import { chgrp, chmod, mkdir, mkfifo, readLink } from "../os/path.ts";
import { FifodirMode } from "../fifodir/names.ts";
import { type ControlPaths, ServicePath } from "./protocol.ts";

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
  /** Whether nobody has supervised here before. */
  readonly isNew?: boolean;
  /** The control FIFO, open at both ends. */
  readonly control: number;
  /** The locked file. */
  readonly lock: number;
}

/**
 * Makes a directory of the supervisor's, unless it exists. It may be a symbolic link, and the link
 * may lead to where there is nothing yet.
 *
 * @returns whether it was made.
 */
function ensureDirectory(service: number, path: string): boolean {
  if (mkdir(service, path, 0o700)) return true;
  const target = readLink(service, path);
  const made = target !== null && mkdir(service, target, 0o700);
  if (stat(service, path).type !== "directory") {
    throw new WrongFileError(`Cannot use ${path}: it exists and is not a directory`);
  }
  return made;
}

/**
 * Makes a directory for a supervisor's lock and control FIFO, takes the lock, opens the FIFO. To be
 * called {@linkcode withoutUmask}.
 */
export function openControl(
  service: number,
  paths: ControlPaths,
  name: string,
  lockMode = 0o644,
): SuperviseDir {
  const opened: number[] = [];
  try {
    const isNew = ensureDirectory(service, paths.directory);
    const lock = open(service, paths.lock, Open.WRITE | Open.NONBLOCK | Open.CREATE, lockMode);
    opened.push(lock);
    if (!tryLock(lock, paths.lock)) {
      throw new AlreadySupervisedError(`Cannot supervise ${name}: another supervisor is running`);
    }
    const path = paths.control;
    const wrong = () =>
      new WrongFileError(
        `Cannot use ${name}/${path}: it is not a FIFO; remove it and start again`,
      );
    const isOurs = mkfifo(service, path, 0o600);
    if (!isOurs && stat(service, path).type !== "fifo") throw wrong();
    // With a writer of its own the FIFO never comes to its end.
    const control = open(service, path, Open.READ_WRITE | Open.NONBLOCK);
    opened.push(control);
    if (!isOurs && fstat(control).type !== "fifo") throw wrong();
    return { ...heldControl(control, lock), isNew };
  } catch (error) {
    opened.forEach(close);
    throw error;
  }
}

/** What a supervisor holds, from descriptors that are open already. */
export function heldControl(control: number, lock: number): SuperviseDir {
  return {
    control,
    lock,
    [Symbol.dispose]() {
      close(control);
      close(lock);
    },
  };
}

/**
 * Makes the service's fifodir, where only members of the supervisor's group may listen. To be called
 * {@linkcode withoutUmask}.
 *
 * @returns whether it was made.
 */
export function ensureEventDirectory(service: number): boolean {
  if (!ensureDirectory(service, ServicePath.event)) return false;
  chgrp(service, ServicePath.event, group ??= effectiveGroupId());
  chmod(service, ServicePath.event, FifodirMode.group);
  return true;
}

let group: number | undefined;
