/**
 * Which processes have a socket open, by the links in `/proc/PID/fd`.
 *
 * @module
 */

import { eachName, readNames } from "./directory.ts";
import { CWD, Descriptor, Open, open, tryOpen } from "./file.ts";
import { libc } from "./libc.ts";
import { decodeOs } from "./os_string.ts";
import { Errno, lastErrno } from "./system_error.ts";

const LINK = new Uint8Array(64);

/** The first byte of `socket:[INODE]`. */
const FIRST = "socket".charCodeAt(0);

/**
 * Returns whether a process has one of these sockets open.
 *
 * @param pid The process, in the PID namespace of `/proc`.
 * @param sockets Their inodes.
 * @returns "hidden" where its descriptors can't be seen, by a lack of rights say, and where it is gone.
 */
export function holdsSocket(pid: number, sockets: ReadonlySet<number>): boolean | "hidden" {
  const path = `/proc/${pid}/fd`;
  const fd = tryOpen(CWD, path, Open.READ | Open.DIRECTORY);
  if (fd < 0) return "hidden";
  using directory = new Descriptor(fd);
  const wanted = new Set([...sockets].map((inode) => `socket:[${inode}]`));
  let holds: boolean | "hidden" = false;
  try {
    eachName(directory.fd, path, (name) => {
      if (holds === true) return;
      const count = Number(libc.readlinkat(directory.fd, name, LINK, BigInt(LINK.length)));
      if (count < 0 && lastErrno() === Errno.EACCES) holds = "hidden";
      if (count > 0 && LINK[0] === FIRST && wanted.has(decodeOs(LINK.subarray(0, count)))) {
        holds = true;
      }
    });
  } catch {
    // The process has just ended.
    return "hidden";
  }
  return holds;
}

/** Returns the ids of all processes that `/proc` shows. */
export function allProcesses(): number[] {
  using proc = new Descriptor(open(CWD, "/proc", Open.READ | Open.DIRECTORY));
  return readNames(proc.fd, "/proc").filter((name) => /^\d+$/.test(name)).map(Number);
}
