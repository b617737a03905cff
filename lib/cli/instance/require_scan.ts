import { CWD } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { isScanned } from "../../scan/is_scanned.ts";
import { ExitCode, Failure } from "../command.ts";

/**
 * Complains where no scan is running on a scan directory.
 *
 * @param scandir The scan directory.
 * @param attempt What can't be done without it, for the error.
 */
export function requireScan(scandir: string, attempt: string): void {
  try {
    if (isScanned(scandir)) return;
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT, Errno.ENOTDIR)) throw error;
    const reason = tryStat(CWD, scandir) === undefined
      ? `there is no directory ${scandir}`
      : `no scan has run on ${scandir} yet`;
    throw new Failure(`cannot ${attempt}: ${reason}`, ExitCode.systemCall);
  }
  throw new Failure(`cannot ${attempt}: no scan is running on ${scandir}`, ExitCode.failed);
}
