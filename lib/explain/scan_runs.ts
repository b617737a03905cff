import { CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { isLocked } from "../os/lock.ts";
import { ScanPath } from "../servicedir/protocol.ts";

/** Returns whether a scan runs on a directory; undefined where none ever has, or this user may not know. */
export function scanRuns(directory: string): boolean | undefined {
  const path = `${directory}/${ScanPath.lock}`;
  const fd = tryOpen(CWD, path, Open.READ | Open.NONBLOCK);
  if (fd < 0) return undefined;
  using lock = new Descriptor(fd);
  return isLocked(lock.fd, path);
}
