import { eachName } from "./directory.ts";
import { CWD, Descriptor, Open, tryOpen } from "./file.ts";
import { fstat, tryStat } from "./file_status.ts";
import { lockingProcess } from "./lock.ts";
import { cString, decodeCString } from "./os_string.ts";
import { readLink } from "./path.ts";
import { processId } from "./process.ts";
import { allProcesses } from "./socket_holders.ts";

/** Returns whether a process has a file open; false where that can't be seen. */
function hasOpen(pid: number, name: string, identity: string): boolean {
  const path = `/proc/${pid}/fd`;
  const fd = tryOpen(CWD, cString(path), Open.READ | Open.DIRECTORY);
  if (fd < 0) return false;
  using directory = new Descriptor(fd);
  let has = false;
  try {
    eachName(directory.fd, path, (cName) => {
      const number = decodeCString(cName);
      // Reading a link is cheaper than following it, which might wake a network file system.
      has ||= !!readLink(directory.fd, number)?.endsWith(name) &&
        tryStat(directory.fd, number)?.identity === identity;
    });
  } catch {
    // The process has just ended.
  }
  return has;
}

/**
 * Looks for the process that holds the lock on a file. Where the lock belongs to an open file, every
 * process is looked at, which takes milliseconds.
 *
 * @param fd The file, open.
 * @param path Its path.
 * @returns Its process id; undefined where there is none, or it can't be seen.
 */
export function lockHolder(fd: number, path: string): number | undefined {
  const owner = lockingProcess(fd, path);
  if (owner !== undefined) return owner;
  const { identity } = fstat(fd);
  const name = path.slice(path.lastIndexOf("/"));
  try {
    return allProcesses().find((pid) => pid !== processId() && hasOpen(pid, name, identity));
  } catch {
    // There is no /proc.
    return undefined;
  }
}
