import { CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { isLocked } from "../os/lock.ts";
import { Errno, SystemError } from "../os/system_error.ts";
import { SupervisePath } from "./protocol.ts";

/**
 * Returns whether a supervisor, of `sv` or of s6, is running on a service directory.
 *
 * Follows s6's `s6-svok`.
 *
 * Permissions: `ffi`.
 *
 * @param dir Path of the service directory.
 * @throws {SystemError} when that can't be found out.
 *
 * @example
 * ```ts
 * import { isSupervised } from "@sv/supervise";
 *
 * console.log(isSupervised("/no/such/service")); // false
 * ```
 */
export function isSupervised(dir: string): boolean {
  const path = `${dir}/${SupervisePath.lock}`;
  const fd = tryOpen(CWD, path, Open.READ | Open.NONBLOCK);
  if (fd === -Errno.ENOENT) return false;
  if (fd < 0) throw new SystemError(`open ${path} for reading`, -fd);
  using lock = new Descriptor(fd);
  return isLocked(lock.fd, path);
}
