import { cleanAt } from "../fifodir/clean.ts";
import { FifodirMode } from "../fifodir/names.ts";
import { effectiveGroupId } from "../os/credentials.ts";
import { close, CWD, Descriptor, Open, open } from "../os/file.ts";
import { openOwnDirectory } from "../os/open_own.ts";
import { cString } from "../os/os_string.ts";
import { setGroup, setMode } from "../os/rights.ts";
import { Errno, reasonOf, SystemError } from "../os/system_error.ts";
import { withoutUmask } from "../os/umask.ts";
import { ServicePath, SupervisePath } from "./protocol.ts";
import { dropRefusal } from "./refusal.ts";
import { ensureDirectory, openControl, type SuperviseDir } from "./supervise_dir.ts";

const EVENT = cString(ServicePath.event);

/** This process's group, once it has been asked for: a scan takes many directories. */
let group: number | undefined;

/** A service directory that this process supervises. */
export interface TakenServiceDirectory {
  /** The directory, open. */
  readonly directory: number;
  /** The lock and the control FIFO. */
  readonly held: SuperviseDir;
}

/**
 * Makes the fifodir of a service, where only members of the supervisor's group may listen, unless it
 * exists. Call it {@linkcode withoutUmask}.
 *
 * @returns whether it was made.
 */
function ensureFifodir(directory: number): boolean {
  if (!ensureDirectory(directory, ServicePath.event)) return false;
  using fifodir = new Descriptor(openOwnDirectory(directory, EVENT));
  setGroup(fifodir.fd, group ??= effectiveGroupId(), ServicePath.event);
  setMode(fifodir.fd, FifodirMode.group, ServicePath.event);
  return true;
}

/**
 * Opens a service directory, makes what a supervisor needs there, takes the lock, and removes the
 * FIFOs of listeners that are gone.
 *
 * @param path Path of the service directory.
 * @param name What to call it in an error.
 * @param report Reports a warning; what can't be cleaned does no harm.
 * @param leavesRoom Whether a descriptor may be kept open: enough are left besides.
 * @throws {AlreadySupervisedError} when another supervisor has it.
 * @throws {WrongFileError} when something in it is of the wrong kind.
 * @throws {SystemError} when something can't be made or opened.
 */
export function takeServiceDirectory(
  path: string,
  name: string,
  report: (message: string) => void,
  leavesRoom: (descriptor: number) => boolean = () => true,
): TakenServiceDirectory {
  // O_PATH: only a base for the `*at()` calls; cheaper for each child to copy and close.
  const directory = open(CWD, path, Open.PATH | Open.DIRECTORY);
  try {
    const { held, isNewFifodir } = withoutUmask(() => ({
      isNewFifodir: ensureFifodir(directory),
      held: openControl(directory, SupervisePath, name),
    }));
    let hasRoom = false;
    try {
      hasRoom = leavesRoom(Math.max(directory, held.control, held.lock));
    } finally {
      if (!hasRoom) held[Symbol.dispose]();
    }
    if (!hasRoom) throw new SystemError(`keep ${SupervisePath.control} open`, Errno.EMFILE);
    if (!held.isNew) dropRefusal(directory);
    if (!isNewFifodir) {
      try {
        cleanAt(directory, EVENT, ServicePath.event);
      } catch (error) {
        report(`warning: ${reasonOf(error)}`);
      }
    }
    return { directory, held };
  } catch (error) {
    close(directory);
    throw inDirectory(path, error);
  }
}

/** Returns an error that names the service directory, to which the paths in errors are relative. */
export function inDirectory(path: string, error: unknown): unknown {
  return error instanceof SystemError
    ? new SystemError(`${error.attempt} in ${path}`, error.errno)
    : error;
}
