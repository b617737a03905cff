import { CWD, Descriptor, Open, open } from "../os/file.ts";
import { statOf } from "../os/process_stat.ts";
import { readIdentity, stillRuns } from "./process_identity.ts";
import { readStatus } from "./status.ts";

/**
 * Returns the process of a service that has outlived its supervisor, for a message.
 *
 * `sv` records the identity of each process that it starts. For one that s6 has started there is only
 * the process id in the status, and that a service leads a session.
 *
 * @param dir Path of the service directory.
 * @returns Its process id; undefined where there is none, or it can't be found out.
 */
export function leftProcess(dir: string): number | undefined {
  try {
    const directory = open(CWD, dir, Open.PATH | Open.DIRECTORY);
    using _opened = new Descriptor(directory);
    const identity = readIdentity(directory);
    if (identity !== undefined && stillRuns(identity)) return identity.pid;
    const { pid } = readStatus(dir);
    if (pid === 0 || pid === identity?.pid) return undefined;
    const stat = statOf(pid);
    return stat?.session === pid && !stat.dead ? pid : undefined;
  } catch {
    return undefined;
  }
}
