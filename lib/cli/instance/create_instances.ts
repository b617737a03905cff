import { Listener } from "../../fifodir/listener.ts";
import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { Access, accessErrno, rename, renameNew, unlink } from "../../os/path.ts";
import { controlScan } from "../../servicedir/control.ts";
import { ScanCommand, ServiceEvent, ServicePath } from "../../servicedir/protocol.ts";
import { awaitEvent } from "../../waiting/await_event.ts";
import { deadlineAfter, timeLeft } from "../../waiting/wait.ts";
import { ExitCode, Failure } from "../command.ts";
import { inBatches } from "./in_batches.ts";
import type { ScannedInstance } from "./instance_target.ts";
import { makeInstance, type NewInstance } from "./make_instance.ts";
import { requireScan } from "./require_scan.ts";
import { deletedPath, withLockedScan, withOwnLogger } from "./scan_directory_lock.ts";

/** How instances are created. */
export interface CreateOptions {
  /** Whether they are started; default: yes. "down": the file `down` is removed once they are supervised. */
  readonly start: "down" | "stay down" | undefined;
  /** Whether every user may listen to their events. */
  readonly public: boolean;
  /** Whether only the directories are made, for a scan that will start later. */
  readonly offline: boolean;
  /** Milliseconds to wait for their supervision; 0: no limit. */
  readonly timeout: number;
}

/** Complains of what keeps an instance from being made, before anything is changed. */
function check({ scandir, service, template, word, dir }: ScannedInstance): void {
  const source = `${scandir}/${template}`;
  if (tryStat(CWD, source)?.type !== "directory") {
    throw new Failure(
      `cannot create ${word}: there is no template ${source}; make a service directory of that name`,
      ExitCode.usage,
    );
  }
  if (accessErrno(CWD, `${source}/${ServicePath.run}`, Access.EXECUTE) !== 0) {
    throw new Failure(
      `cannot create ${word}: the template ${source} has no executable file run`,
      ExitCode.usage,
    );
  }
  if (tryStat(CWD, dir, false) !== undefined) {
    throw new Failure(`cannot create ${word}: ${dir} exists already`, ExitCode.usage);
  }
  if (tryStat(CWD, deletedPath(scandir, service), false) !== undefined) {
    throw new Failure(
      `cannot create ${word}: its predecessor has been deleted but still goes down; ` +
        `wait for it with: sv instance delete ${word}`,
      ExitCode.failed,
    );
  }
}

/** Takes instances out of a scan again that it does not supervise in time. */
function takeOut(scandir: string, instances: readonly ScannedInstance[]): void {
  for (const { service, dir } of instances) rename(CWD, dir, deletedPath(scandir, service));
  controlScan(scandir, ScanCommand.scan, ScanCommand.prune);
}

/** Creates instances of one scan directory, and waits until they are supervised. */
function createSome(
  scandir: string,
  instances: readonly ScannedInstance[],
  options: CreateOptions,
  deadline: number,
): void {
  const fresh: NewInstance = { down: options.start !== undefined, public: options.public };
  using stack = new DisposableStack();
  const listeners: Listener[] = [];
  const directories: string[] = [];
  for (const instance of instances) {
    const path = makeInstance(instance, fresh);
    for (const one of withOwnLogger(path)) {
      directories.push(instance.dir + one.slice(path.length));
      if (options.offline) continue;
      const directory = stack.use(new Descriptor(open(CWD, one, Open.PATH | Open.DIRECTORY)));
      // By its descriptor, because the directory is renamed below.
      const event = `/proc/self/fd/${directory.fd}/${ServicePath.event}`;
      listeners.push(stack.use(new Listener(event)));
    }
    if (!renameNew(CWD, path, instance.dir)) {
      throw new Failure(`cannot create ${instance.word}: ${instance.dir} exists already`, 100);
    }
  }
  if (options.offline) return;
  controlScan(scandir, ScanCommand.scan);
  const left = options.timeout === 0 ? 0 : Math.max(1, Math.ceil(timeLeft(deadline)));
  if (!awaitEvent(listeners, ServiceEvent.supervised, left)) {
    takeOut(scandir, instances);
    throw new Failure(
      `timed out after ${options.timeout} milliseconds while waiting for the scan of ${scandir} to ` +
        `supervise ${instances.map(({ word }) => word).join(" ")}: took them out again`,
      ExitCode.timedOut,
    );
  }
  if (options.start !== "down") return;
  for (const directory of directories) unlink(CWD, `${directory}/${ServicePath.down}`);
}

/**
 * Creates instances `foo@bar` of templates `foo@` in their scan directories. Each is there as a whole, or
 * not at all. Nothing is made where one of them can't be.
 *
 * @param instances The instances.
 * @param options How they are created.
 * @throws {Failure} where that is not possible.
 */
export function createInstances(
  instances: readonly ScannedInstance[],
  options: CreateOptions,
): void {
  const deadline = deadlineAfter(options.timeout);
  for (const [scandir, all] of Map.groupBy(instances, ({ scandir }) => scandir)) {
    if (tryStat(CWD, scandir)?.type !== "directory" || !options.offline) {
      requireScan(scandir, `create ${all.map(({ word }) => word).join(" ")}`);
    }
    const distinct = [...new Map(all.map((one) => [one.service, one])).values()];
    withLockedScan(scandir, () => {
      distinct.forEach(check);
      for (const some of inBatches(distinct)) createSome(scandir, some, options, deadline);
    });
  }
}
