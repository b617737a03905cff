import { Listener } from "../../fifodir/listener.ts";
import { makeFifodir } from "../../fifodir/make.ts";
import { effectiveGroupId } from "../../os/credentials.ts";
import { CWD } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { readLink, symlink, unlink } from "../../os/path.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { controlScan } from "../../servicedir/control.ts";
import { isSupervised } from "../../servicedir/is_supervised.ts";
import { byteOf, ScanCommand, ServiceEvent, ServicePath } from "../../servicedir/protocol.ts";
import { EventFromEach } from "../../waiting/event_from_each.ts";
import { deadlineAfter, type Ending } from "../../waiting/wait.ts";
import { waitOnReactor } from "../../waiting/wait_on_reactor.ts";
import { removeTree } from "./copy_tree.ts";
import { LiveError } from "./live.ts";

/** Milliseconds to wait for the end of a supervisor, before its service directory is removed. */
const END_TIMEOUT = 5_000;

/** The longruns did not get supervisors in time. */
export class SuperviseTimeoutError extends Error {
  override name = "SuperviseTimeoutError";
}

/** Where longruns are supervised. */
export interface Place {
  /** The scan directory. */
  readonly scandir: string;
  /** The prefix of their names there. */
  readonly prefix: string;
}

/**
 * Links the service directories of longruns into the scan directory, and waits until each has a
 * supervisor. Those that have one are left alone.
 *
 * @param live The live directory.
 * @param names The longruns.
 * @param place Where they are supervised.
 * @param timeout Milliseconds to wait; 0: no limit.
 * @param deadline When they are over, where they have begun before.
 * @throws {SuperviseTimeoutError} when some have no supervisor in time.
 */
export async function superviseLongruns(
  live: string,
  names: readonly string[],
  { scandir, prefix }: Place,
  timeout: number,
  deadline: number = deadlineAfter(timeout),
): Promise<void> {
  using resources = new DisposableStack();
  const listeners: Listener[] = [];
  const unsupervised: string[] = [];
  for (const name of names) {
    const directory = `${live}/servicedirs/${name}`;
    const fifodir = `${directory}/${ServicePath.event}`;
    makeFifodir(fifodir, { group: effectiveGroupId() });
    // Before it is linked: no event of its supervisor is missed.
    const listener = resources.use(new Listener(fifodir));
    linkInto(scandir, `${prefix}${name}`, directory);
    if (isSupervised(directory)) continue;
    listeners.push(listener);
    unsupervised.push(name);
  }
  if (unsupervised.length === 0) return;
  controlScan(scandir, ScanCommand.scan);
  const missing = await awaitFromEach(listeners, ServiceEvent.supervised, deadline);
  if (missing.length === 0) return;
  throw new SuperviseTimeoutError(
    `Cannot have ${missing.length} services supervised in ${scandir}, ` +
      `${unsupervised[missing[0]!]} among them: ` +
      `${timeout} milliseconds have passed; does its scan have room for that many (-C)?`,
  );
}

/** Whether there is something else at a path in the scan directory than the link to a service directory. */
function isOccupied(path: string, directory: string): boolean {
  const there = tryStat(CWD, path, false);
  if (there === undefined) return false;
  if (there.type === "symlink" && readLink(CWD, path) === directory) return false;
  const [at, wanted] = [tryStat(CWD, path), tryStat(CWD, directory)];
  return at === undefined || at.identity !== wanted?.identity;
}

/**
 * Makes sure that nothing else has the names of longruns in the scan directory.
 *
 * @param live The live directory.
 * @param names The longruns.
 * @param place Where they are to be supervised.
 * @throws {LiveError} when something has.
 */
export function requireFreeNames(
  live: string,
  names: readonly string[],
  { scandir, prefix }: Place,
): void {
  for (const name of names) {
    const path = `${scandir}/${prefix}${name}`;
    if (isOccupied(path, `${live}/servicedirs/${name}`)) throw occupied(name, path);
  }
}

function occupied(name: string, path: string): LiveError {
  return new LiveError(
    `Cannot have ${name} supervised: ${path} is there already, and is another service; remove it, ` +
      "or give the service another name",
  );
}

function linkInto(scandir: string, name: string, directory: string): void {
  const path = `${scandir}/${name}`;
  try {
    symlink(directory, CWD, path);
  } catch (error) {
    if (!isErrno(error, Errno.EEXIST)) throw error;
    // Where it has a supervisor already, that may have come by another name.
    if (isOccupied(path, directory) && !isSupervised(directory)) throw occupied(name, path);
  }
}

/**
 * Takes longruns out of the scan directory, waits for the end of their supervisors, and removes
 * their service directories.
 *
 * @param live The live directory.
 * @param names The longruns, which are down.
 * @param place Where they are supervised.
 */
export async function removeLongruns(
  live: string,
  names: readonly string[],
  { scandir, prefix }: Place,
): Promise<void> {
  if (names.length === 0) return;
  using resources = new DisposableStack();
  const listeners: Listener[] = [];
  for (const name of names) {
    const directory = `${live}/servicedirs/${name}`;
    unlink(CWD, `${scandir}/${prefix}${name}`);
    if (!isSupervised(directory)) continue;
    listeners.push(resources.use(new Listener(`${directory}/${ServicePath.event}`)));
  }
  controlScan(scandir, ScanCommand.scan, ScanCommand.prune);
  await awaitFromEach(listeners, ServiceEvent.unsupervised, deadlineAfter(END_TIMEOUT));
  for (const name of names) removeTree(`${live}/servicedirs/${name}`);
}

/**
 * Waits until each listener has received an event.
 *
 * @param listeners The listeners.
 * @param event The event.
 * @param deadline The time limit, on the monotonic clock in milliseconds; Infinity: none.
 * @returns The indices of the listeners that have not received it in time.
 */
async function awaitFromEach(
  listeners: readonly Listener[],
  event: ServiceEvent,
  deadline: number,
): Promise<readonly number[]> {
  const wait = new EventFromEach(listeners.length, byteOf(event));
  const { promise, resolve } = Promise.withResolvers<Ending>();
  using _wait = waitOnReactor(listeners, wait, deadline, resolve);
  const ending = await promise;
  if (ending.how === "failed") throw ending.error;
  return wait.missing;
}
