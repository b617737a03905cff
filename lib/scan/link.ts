import { Listener } from "../fifodir/listener.ts";
import { makeFifodir } from "../fifodir/make.ts";
import { close, CWD, Open, tryOpen, tryWrite } from "../os/file.ts";
import { stat } from "../os/file_status.ts";
import { symlink, unlink } from "../os/path.ts";
import { effectiveGroupId } from "../os/credentials.ts";
import { Errno, isErrno } from "../os/system_error.ts";
import { controlScan, NotSupervisedError } from "../servicedir/control.ts";
import { markDown } from "../servicedir/mark_down.ts";
import { isSupervised } from "../servicedir/is_supervised.ts";
import {
  ControlCommand,
  ScanCommand,
  ServiceEvent,
  ServicePath,
  SupervisePath,
} from "../servicedir/protocol.ts";
import { awaitEvent } from "../waiting/await_event.ts";

/** How {@linkcode linkService} adds a service. */
export interface LinkOptions {
  /**
   * Whether the service is started; default: yes. "down": its file `down` is removed once it is
   * supervised. "stay down": the file `down` stays.
   */
  readonly start?: "down" | "stay down" | undefined;
  /** Whether every user may listen to its events; default: only members of this process's group. */
  readonly public?: boolean;
  /** Whether its fifodir gets these rights even if it exists already. */
  readonly force?: boolean;
  /** Milliseconds to wait for its supervisor; 0, the default: no limit. */
  readonly timeout?: number;
  /** Where the link leads; default: the real path of the service directory. */
  readonly target?: string;
}

/** Returns the service directory and, if it has one, that of its logger. */
export function withLogger(servicedir: string): string[] {
  const logger = `${servicedir}/${ServicePath.logger}`;
  try {
    stat(CWD, logger);
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return [servicedir];
    throw error;
  }
  return [servicedir, logger];
}

/**
 * Adds a service directory to a scan directory, by a symbolic link, and waits until the service and
 * its logger are supervised. When that fails, the service is taken out again.
 *
 * Follows s6's `s6-svlink`.
 *
 * @param scandir Path of the scan directory.
 * @param servicedir Path of the service directory.
 * @param name The name of the link.
 * @param options How to add it.
 * @returns false when the time was up before it was supervised.
 * @throws {NotSupervisedError} when no scan is running.
 * @throws {SystemError} when it can't be linked.
 */
export function linkService(
  scandir: string,
  servicedir: string,
  name: string,
  options: LinkOptions = {},
): boolean {
  const link = `${scandir}/${name}`;
  const target = options.target ??
    (servicedir.startsWith("/") ? servicedir : Deno.realPathSync(servicedir));
  if (isSupervised(servicedir)) {
    try {
      symlink(target, CWD, link);
    } catch (error) {
      if (!isErrno(error, Errno.EEXIST)) throw error;
    }
    controlScan(scandir, ScanCommand.scan);
    return true;
  }
  const directories = withLogger(servicedir);
  using stack = new DisposableStack();
  const undo = stack.use(new DisposableStack());
  const listeners = directories.map((directory) => {
    if (options.start !== undefined) {
      markDown(CWD, `${directory}/${ServicePath.down}`);
      undo.defer(() => void unlink(CWD, `${directory}/${ServicePath.down}`));
    }
    const group = options.public ? {} : { group: effectiveGroupId() };
    makeFifodir(`${directory}/${ServicePath.event}`, { force: options.force ?? false, ...group });
    return stack.use(new Listener(`${directory}/${ServicePath.event}`));
  });
  symlink(target, CWD, link);
  undo.defer(() => void unlink(CWD, link));
  controlScan(scandir, ScanCommand.scan);
  // The scan may start supervisors even now: they are told to exit.
  undo.defer(() => directories.forEach(dismiss));
  if (!awaitEvent(listeners, ServiceEvent.supervised, options.timeout ?? 0)) return false;
  undo.move();
  if (options.start === "down") {
    for (const directory of directories) unlink(CWD, `${directory}/${ServicePath.down}`);
  }
  return true;
}

/** Tells a supervisor, if there is one, to bring its service down and to exit. */
function dismiss(directory: string): void {
  const fd = tryOpen(CWD, `${directory}/${SupervisePath.control}`, Open.WRITE | Open.NONBLOCK);
  if (fd < 0) return;
  tryWrite(fd, new TextEncoder().encode(ControlCommand.exit + ControlCommand.down));
  close(fd);
}

/** How {@linkcode unlinkService} takes a service out. */
export interface UnlinkOptions {
  /** Whether to wait for the end of its supervisor; default: yes. */
  readonly wait?: boolean;
  /** Milliseconds to wait at most; 0, the default: no limit. */
  readonly timeout?: number;
}

/**
 * Takes a service out of a scan directory: removes the link, tells the scan, and waits for the end
 * of its supervisor.
 *
 * Follows s6's `s6-svunlink`.
 *
 * @param scandir Path of the scan directory.
 * @param name The name of the link.
 * @param options Whether and how long to wait.
 * @returns false when the time was up before its supervisor had ended.
 * @throws {SystemError} when it can't be found out whether the service is supervised.
 */
export function unlinkService(scandir: string, name: string, options: UnlinkOptions = {}): boolean {
  const link = `${scandir}/${name}`;
  using stack = new DisposableStack();
  const listeners = options.wait === false ? [] : supervisedOf(link).flatMap((directory) => {
    try {
      // By its real path, because the link is removed below.
      return [stack.use(new Listener(Deno.realPathSync(`${directory}/${ServicePath.event}`)))];
    } catch {
      return [];
    }
  });
  unlink(CWD, link);
  try {
    controlScan(scandir, ScanCommand.scan, ScanCommand.prune);
  } catch (error) {
    // Without a scan there is no supervisor to wait for.
    if (error instanceof NotSupervisedError) return true;
    throw error;
  }
  return awaitEvent(listeners, ServiceEvent.unsupervised, options.timeout ?? 0);
}

/** Returns which of a service and its logger have a supervisor. */
function supervisedOf(link: string): string[] {
  return withLogger(link).filter((directory) => isSupervised(directory));
}
