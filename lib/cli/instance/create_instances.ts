import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { readNames } from "../../os/directory.ts";
import { tryStat } from "../../os/file_status.ts";
import { Access, accessErrno, rename, renameNew, unlink } from "../../os/path.ts";
import { controlScan } from "../../servicedir/control.ts";
import { ScanCommand, ServicePath } from "../../servicedir/protocol.ts";
import { deadlineAfter } from "../../waiting/wait.ts";
import { ExitCode, Failure } from "../command.ts";
import { awaitSupervision } from "./await_supervision.ts";
import type { ScannedInstance } from "./instance_target.ts";
import { InstanceMaker } from "./make_instance.ts";
import { requireScan } from "./require_scan.ts";
import { deleted, deletedPath, withLockedScan } from "./scan_directory_lock.ts";

/**
 * The scan is told of new instances when there are 32, and then whenever their number has doubled, so that
 * it starts them while others are made. Each time it looks at the whole directory.
 */
const FIRST_TOLD = 32;

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

/** Returns the names in a scan directory, hidden ones included. */
function namesIn(scandir: string): string[] {
  using directory = new Descriptor(open(CWD, scandir, Open.READ | Open.DIRECTORY));
  return readNames(directory.fd, scandir);
}

/** Complains of a template that can't have instances. */
function checkTemplate({ scandir, template, word }: ScannedInstance): void {
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
}

/** Complains of what keeps instances from being made, before anything is changed. */
function check(scandir: string, instances: readonly ScannedInstance[]): void {
  const names = new Set(namesIn(scandir));
  const templates = new Set<string>();
  for (const instance of instances) {
    const { service, template, word, dir } = instance;
    if (!templates.has(template)) checkTemplate(instance);
    templates.add(template);
    if (names.has(service)) {
      throw new Failure(`cannot create ${word}: ${dir} exists already`, ExitCode.usage);
    }
    if (names.has(deleted(service))) {
      throw new Failure(
        `cannot create ${word}: its predecessor has been deleted but still goes down; ` +
          `wait for it with: sv instance delete ${word}`,
        ExitCode.failed,
      );
    }
  }
}

/** Takes instances out of a scan again that it does not supervise in time. */
function takeOut(scandir: string, instances: readonly ScannedInstance[]): void {
  for (const { service, dir } of instances) rename(CWD, dir, deletedPath(scandir, service));
  controlScan(scandir, ScanCommand.scan, ScanCommand.prune);
}

/**
 * Makes instances, and tells the scan of them. Returns their service directories and those of their
 * loggers, by the name of the instance.
 */
function make(
  scandir: string,
  instances: readonly ScannedInstance[],
  options: CreateOptions,
): Map<string, string[]> {
  const fresh = { down: options.start !== undefined, public: options.public };
  using directory = new Descriptor(open(CWD, scandir, Open.PATH | Open.DIRECTORY));
  const makers = new Map<string, InstanceMaker>();
  const made = new Map<string, string[]>();
  let told = FIRST_TOLD;
  for (const instance of instances) {
    const { word, dir, service, template } = instance;
    const maker = makers.get(template) ?? new InstanceMaker(directory.fd, template, fresh);
    makers.set(template, maker);
    if (!renameNew(directory.fd, maker.make(instance), service)) {
      throw new Failure(`cannot create ${word}: ${dir} exists already`, ExitCode.usage);
    }
    made.set(service, maker.hasLogger ? [dir, `${dir}/${ServicePath.logger}`] : [dir]);
    if (options.offline || made.size < told) continue;
    controlScan(scandir, ScanCommand.scan);
    told *= 2;
  }
  if (!options.offline) controlScan(scandir, ScanCommand.scan);
  return made;
}

/** Creates instances of one scan directory, and waits until they are supervised. */
function createSome(
  scandir: string,
  instances: readonly ScannedInstance[],
  options: CreateOptions,
  deadline: number,
): void {
  const made = make(scandir, instances, options);
  if (options.offline) return;
  // In the order in which the scan finds them.
  const directories = namesIn(scandir).flatMap((name) => made.get(name) ?? []);
  if (!awaitSupervision(directories, deadline)) {
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
      check(scandir, distinct);
      createSome(scandir, distinct, options, deadline);
    });
  }
}
