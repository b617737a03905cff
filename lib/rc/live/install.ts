import { CWD } from "../../os/file.ts";
import { exists, mkdir, mkfifo, rename, symlink, unlink } from "../../os/path.ts";
import { Listener } from "../../fifodir/listener.ts";
import { makeFifodir } from "../../fifodir/make.ts";
import { effectiveGroupId } from "../../os/credentials.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { controlScan } from "../../servicedir/control.ts";
import { isSupervised } from "../../servicedir/is_supervised.ts";
import { byteOf, ScanCommand, ServiceEvent, ServicePath } from "../../servicedir/protocol.ts";
import { copyTree, listDirectory, removeTree } from "./copy_tree.ts";
import { definitionsDirectory } from "./live.ts";
import { replaceServiceFiles } from "./service_files.ts";
import { writeText } from "./write_text.ts";

const SUPERVISOR_STARTED = byteOf(ServiceEvent.supervised);
const SUPERVISOR_ENDED = byteOf(ServiceEvent.unsupervised);

/** Milliseconds after which a supervisor that does not end is left to itself. */
const END_TIMEOUT = 5_000;

/** The services did not come under supervision in time. */
export class SuperviseTimeoutError extends Error {
  override name = "SuperviseTimeoutError";
}

/**
 * Gives each longrun of a set of definitions its live service directory, marked as down where it is
 * new, and brings those that exist up to date. Doing it twice does no harm.
 *
 * @param live The live directory.
 * @param id The name of the set.
 * @param consumers The longruns that pipes lead to.
 */
export function installServiceDirectories(
  live: string,
  id: string,
  consumers: readonly string[],
): void {
  const prepared = `${definitionsDirectory(live, id)}/servicedirs`;
  mkdir(CWD, `${live}/servicedirs`, 0o755);
  mkdir(CWD, `${live}/pipes`, 0o755);
  for (const name of consumers) mkfifo(CWD, `${live}/pipes/${name}`, 0o600);
  for (const name of listDirectory(prepared)) {
    const target = `${live}/servicedirs/${name}`;
    if (exists(CWD, target)) {
      replaceServiceFiles(`${prepared}/${name}`, target);
      continue;
    }
    const fresh = `${live}/servicedirs/.${name}.new`;
    removeTree(fresh);
    copyTree(`${prepared}/${name}`, fresh);
    writeText(`${fresh}/${ServicePath.down}`, "");
    rename(CWD, fresh, target);
  }
}

/**
 * Has longruns supervised: links their service directories into the scan directory, and waits until
 * each has its supervisor. Those that have one are left alone.
 *
 * @param live The live directory.
 * @param names The longruns.
 * @param scandir The scan directory.
 * @param prefix What their names start with there.
 * @param timeout Milliseconds to wait at most, 0 for ever.
 */
export async function superviseLongruns(
  live: string,
  names: readonly string[],
  { scandir, prefix, timeout }: { scandir: string; prefix: string; timeout: number },
): Promise<void> {
  using waiting = new DisposableStack();
  const missing = new Set<string>();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const name of names) {
    const directory = `${live}/servicedirs/${name}`;
    const group = effectiveGroupId();
    makeFifodir(`${directory}/${ServicePath.event}`, { group });
    const listener = waiting.use(new Listener(`${directory}/${ServicePath.event}`));
    linkInto(scandir, `${prefix}${name}`, directory);
    if (isSupervised(directory)) continue;
    missing.add(name);
    reactor().watch(listener.fd, Priority.Ordinary, () => {
      if (!listener.read().includes(SUPERVISOR_STARTED)) return;
      missing.delete(name);
      if (missing.size === 0) resolve();
    });
    waiting.defer(() => reactor().unwatch(listener.fd));
  }
  if (missing.size === 0) return;
  if (timeout > 0) {
    waiting.use(
      reactor().after(timeout, () => {
        const [first] = missing;
        reject(
          new SuperviseTimeoutError(
            `Cannot have ${missing.size} services supervised in ${scandir}, ${first} among them: ` +
              `${timeout} ms have passed; does its scan have room for that many (-C)?`,
          ),
        );
      }),
    );
  }
  controlScan(scandir, ScanCommand.scan);
  await promise;
}

function linkInto(scandir: string, name: string, directory: string): void {
  try {
    symlink(directory, CWD, `${scandir}/${name}`);
  } catch (error) {
    if (!isErrno(error, Errno.EEXIST)) throw error;
  }
}

/**
 * Ends the supervision of longruns that are gone, waits for it, and removes their service
 * directories.
 *
 * @param live The live directory.
 * @param names The longruns, which are down.
 * @param scandir The scan directory.
 * @param prefix What their names start with there.
 */
export async function removeLongruns(
  live: string,
  names: readonly string[],
  { scandir, prefix }: { scandir: string; prefix: string },
): Promise<void> {
  if (names.length === 0) return;
  using waiting = new DisposableStack();
  const { promise, resolve } = Promise.withResolvers<void>();
  const ending = new Set<string>();
  for (const name of names) {
    const directory = `${live}/servicedirs/${name}`;
    unlink(CWD, `${scandir}/${prefix}${name}`);
    if (!isSupervised(directory)) continue;
    const listener = waiting.use(new Listener(`${directory}/${ServicePath.event}`));
    ending.add(name);
    reactor().watch(listener.fd, Priority.Ordinary, () => {
      if (!listener.read().includes(SUPERVISOR_ENDED)) return;
      ending.delete(name);
      if (ending.size === 0) resolve();
    });
    waiting.defer(() => reactor().unwatch(listener.fd));
  }
  controlScan(scandir, ScanCommand.scan, ScanCommand.prune);
  if (ending.size > 0) {
    waiting.use(reactor().after(END_TIMEOUT, resolve));
    await promise;
  }
  for (const name of names) removeTree(`${live}/servicedirs/${name}`);
}
