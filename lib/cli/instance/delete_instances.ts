import { Listener } from "../../fifodir/listener.ts";
import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { renameNew } from "../../os/path.ts";
import { removeTree } from "../../rc/live/copy_tree.ts";
import { controlScan, NotSupervisedError } from "../../servicedir/control.ts";
import { awaitUnlocked } from "../../servicedir/await_unlocked.ts";
import { readInstanceRecord } from "../../servicedir/instance.ts";
import { isSupervised } from "../../servicedir/is_supervised.ts";
import { ScanCommand, ServiceEvent, ServicePath } from "../../servicedir/protocol.ts";
import { awaitEvent } from "../../waiting/await_event.ts";
import { deadlineAfter, timeLeft } from "../../waiting/wait.ts";
import { ExitCode, Failure } from "../command.ts";
import { leftProcess } from "../../servicedir/left_process.ts";
import { inBatches } from "./in_batches.ts";
import type { ScannedInstance } from "./instance_target.ts";
import { deletedPath, withLockedScan, withOwnLogger } from "./scan_directory_lock.ts";

/** How instances are deleted. */
export interface DeleteOptions {
  /** Whether to wait until they are down, and their supervision has ended. */
  readonly wait: boolean;
  /** Milliseconds to wait at most; 0: no limit. */
  readonly timeout: number;
}

function isInstance(dir: string): boolean {
  using directory = new Descriptor(open(CWD, dir, Open.PATH | Open.DIRECTORY));
  return readInstanceRecord(directory.fd) !== undefined;
}

/** Complains of what keeps an instance from being deleted, before anything is changed. */
function check({ word, dir, scandir, service }: ScannedInstance): void {
  if (tryStat(CWD, dir, false) === undefined) {
    if (tryStat(CWD, deletedPath(scandir, service), false) !== undefined) return;
    throw new Failure(`cannot delete ${word}: there is no ${dir}`, ExitCode.failed);
  }
  // Those of sv rc are links into its live directory.
  if (tryStat(CWD, dir, false)!.type !== "directory" || !isInstance(dir)) {
    throw new Failure(
      `cannot delete ${word}: ${dir} is no instance that sv instance create has made`,
      ExitCode.usage,
    );
  }
  for (const one of withOwnLogger(dir)) {
    const pid = isSupervised(one) ? undefined : leftProcess(one);
    if (pid === undefined) continue;
    throw new Failure(
      `cannot delete ${word}: process ${pid} of it still runs, without a supervisor; ` +
        `start the scan of ${scandir}, which takes it over`,
      ExitCode.failed,
    );
  }
}

/** Gives an instance the name of one that is deleted, where it has not got that already. */
function hide({ word, dir, scandir, service }: ScannedInstance): void {
  const hidden = deletedPath(scandir, service);
  if (tryStat(CWD, dir, false) === undefined || renameNew(CWD, dir, hidden)) return;
  throw new Failure(
    `cannot delete ${word}: a former one, ${hidden}, still goes down; try again later`,
    ExitCode.failed,
  );
}

/** Tells the scan that services have gone. Without a scan, nothing supervises them. */
function tellScan(scandir: string): void {
  try {
    controlScan(scandir, ScanCommand.scan, ScanCommand.prune);
  } catch (error) {
    if (!(error instanceof NotSupervisedError)) throw error;
  }
}

/** Deletes instances of one scan directory, and waits for their end. Returns whether they have ended. */
function deleteSome(
  scandir: string,
  instances: readonly ScannedInstance[],
  { wait, timeout }: DeleteOptions,
  deadline: number,
): boolean {
  using stack = new DisposableStack();
  const hidden = instances.map(({ service }) => deletedPath(scandir, service));
  const supervised = withLockedScan(scandir, () => {
    instances.forEach(hide);
    const directories = hidden.filter((path) => tryStat(CWD, path, false) !== undefined)
      .flatMap(withOwnLogger);
    // The listener comes first: a supervisor that ends in between is no longer there.
    return directories.flatMap((directory) => {
      const listener = stack.use(new Listener(`${directory}/${ServicePath.event}`));
      return isSupervised(directory) ? [{ directory, listener }] : [];
    });
  });
  const listeners = supervised.map(({ listener }) => listener);
  tellScan(scandir);
  if (!wait) return true;
  const left = timeout === 0 ? 0 : Math.max(1, Math.ceil(timeLeft(deadline)));
  if (!awaitEvent(listeners, ServiceEvent.unsupervised, left)) return false;
  for (const { directory } of supervised) awaitUnlocked(directory);
  withLockedScan(scandir, () => hidden.forEach(removeTree));
  return true;
}

/**
 * Deletes instances `foo@bar`: takes them out of the scan, waits until they are down and their finish
 * scripts have ended, and removes their directories. It may be repeated after it was killed.
 *
 * @param instances The instances.
 * @param options Whether and how long to wait.
 * @throws {Failure} where that is not possible, or takes too long.
 */
export function deleteInstances(
  instances: readonly ScannedInstance[],
  options: DeleteOptions,
): void {
  const deadline = deadlineAfter(options.timeout);
  for (const [scandir, all] of Map.groupBy(instances, ({ scandir }) => scandir)) {
    const distinct = [...new Map(all.map((one) => [one.service, one])).values()];
    distinct.forEach(check);
    for (const some of inBatches(distinct)) {
      if (deleteSome(scandir, some, options, deadline)) continue;
      throw new Failure(
        `timed out after ${options.timeout} milliseconds: ${
          some.map(({ word }) => word).join(" ")
        } still go down, and will not come back; repeat the command to wait on`,
        ExitCode.timedOut,
      );
    }
  }
}
