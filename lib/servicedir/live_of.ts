import { effectiveUserId } from "../os/credentials.ts";
import { CWD } from "../os/file.ts";
import { tryStat } from "../os/file_status.ts";
import { Access, accessErrno, readLink } from "../os/path.ts";

/** The place of a service in a live directory of `sv rc`. */
export interface LivePlace {
  /** Path of the live directory. */
  readonly live: string;
  /** Its name there, which may differ from that in the scan directory. */
  readonly name: string;
}

const IN_LIVE = /^(?:(.*)\/)?servicedirs\/([^/]+)\/*$/;

/**
 * Returns the place of a service in a live directory of `sv rc`: its directory, or the link in the scan
 * directory, leads into one. That costs one system call for a service that is in none.
 *
 * A live directory that belongs to another user, root excepted, is not obeyed: it names programs.
 *
 * @param dir Path of the service directory.
 * @returns undefined where it is in none.
 */
export function liveOf(dir: string): LivePlace | undefined {
  let path = dir;
  try {
    const target = readLink(CWD, dir);
    if (target !== null) {
      const slash = dir.lastIndexOf("/");
      path = target.startsWith("/") ? target : dir.slice(0, slash + 1) + target;
    }
  } catch {
    return undefined;
  }
  const [, live = ".", name] = IN_LIVE.exec(path) ?? [];
  // A live directory of s6-rc has neither.
  if (name === undefined || accessErrno(CWD, `${live}/definitions`, Access.EXISTS) !== 0) {
    return undefined;
  }
  const uid = tryStat(CWD, live)?.uid;
  return uid === 0 || uid === effectiveUserId() ? { live, name } : undefined;
}
