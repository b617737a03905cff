import { sessionOf } from "../../os/process_family.ts";
import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { readIdentity, stillRuns } from "../../servicedir/process_identity.ts";
import { readStatus } from "../../servicedir/status.ts";

/**
 * Returns the process of a service that has outlived its supervisor.
 *
 * `sv` records the identity of each process that it starts. For one that s6 has started there is only
 * the process id in the status, and that a service leads a session.
 *
 * @param dir Path of the service directory.
 * @returns Its process id; undefined where there is none, or it can't be found out.
 */
export function leftProcess(dir: string): number | undefined {
  try {
    const { pid } = readStatus(dir);
    if (pid === 0) return undefined;
    using directory = new Descriptor(open(CWD, dir, Open.READ | Open.DIRECTORY));
    const identity = readIdentity(directory.fd);
    const runs = identity?.pid === pid ? stillRuns(identity) : sessionOf(pid) === pid;
    return runs ? pid : undefined;
  } catch {
    return undefined;
  }
}
