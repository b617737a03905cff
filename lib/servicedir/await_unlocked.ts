import { CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { waitLock } from "../os/lock.ts";
import { Errno, SystemError } from "../os/system_error.ts";
import { SupervisePath } from "./protocol.ts";

/**
 * Waits until a supervisor that has sent its last event lets go of its lock: until then it still looks
 * at the service directory, which may be removed afterwards.
 *
 * @param dir Path of the service directory.
 */
export function awaitUnlocked(dir: string): void {
  const path = `${dir}/${SupervisePath.lock}`;
  const fd = tryOpen(CWD, path, Open.READ | Open.NONBLOCK);
  if (fd === -Errno.ENOENT) return;
  if (fd < 0) throw new SystemError(`open ${path} for reading`, -fd);
  using lock = new Descriptor(fd);
  waitLock(lock.fd, path, "shared");
}
