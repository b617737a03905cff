import { CWD, Descriptor, Open, open } from "../os/file.ts";
import { isLocked } from "../os/lock.ts";
import { ScanPath } from "../servicedir/protocol.ts";

/**
 * Tells whether a scan is running on a scan directory, be it `sv scan` or s6-svscan.
 *
 * @param scandir Path of the scan directory.
 * @throws {SystemError} when the lock can't be read; it does not exist before the first scan.
 */
export function isScanned(scandir: string): boolean {
  const path = `${scandir}/${ScanPath.lock}`;
  using lock = new Descriptor(open(CWD, path, Open.READ | Open.NONBLOCK));
  return isLocked(lock.fd, path);
}
