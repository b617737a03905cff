import { CWD, Descriptor, Open, open } from "../os/file.ts";
import { isLocked } from "../os/lock.ts";
import { ScanPath } from "../servicedir/protocol.ts";

/**
 * Whether a scan is running on a scan directory, whichever: `sv scan` or s6-svscan.
 *
 * @param scandir Path of the scan directory.
 * @throws {SystemError} when that can't be found out, because no scan has ever run there, say.
 */
export function isScanned(scandir: string): boolean {
  const path = `${scandir}/${ScanPath.lock}`;
  using lock = new Descriptor(open(CWD, path, Open.READ | Open.NONBLOCK));
  return isLocked(lock.fd, path);
}
