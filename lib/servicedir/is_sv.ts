import { CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { lockOwner } from "../os/lock.ts";
import { type ControlPaths, SupervisePath } from "./protocol.ts";

/**
 * Returns whether the supervisor of a service directory is `sv`, and not s6.
 *
 * The kind of the lock shows it: `sv` locks the open file, s6 locks for its process. Unlike a file
 * with the supervisor's name, the lock is never out of date.
 *
 * @param dir Path of the service directory, or of a scan directory.
 * @param paths Where the lock is: `SupervisePath`, or `ScanPath` for a scan directory.
 */
export function isSv(dir: string, paths: ControlPaths = SupervisePath): boolean {
  const path = `${dir}/${paths.lock}`;
  const fd = tryOpen(CWD, path, Open.READ | Open.NONBLOCK);
  if (fd < 0) return false;
  using lock = new Descriptor(fd);
  return lockOwner(lock.fd, path) === "open file";
}
