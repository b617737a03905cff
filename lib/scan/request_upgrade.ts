import { CWD, Descriptor, Open, tryOpen } from "../os/file.ts";
import { controlScan } from "../servicedir/control.ts";
import { type ScanCommand, ScanPath } from "../servicedir/protocol.ts";
import { deadlineAfter, type Source, type Wait } from "../waiting/wait.ts";
import { waitBlocking } from "../waiting/wait_blocking.ts";
import { Asker } from "./askers.ts";
import type { UpgradeOutcome } from "./upgrade_outcome.ts";

/**
 * Sends commands, an upgrade among them, to the scan of a directory, and waits for the outcome.
 *
 * @param scandir Path of the scan directory.
 * @param commands The commands, in order.
 * @param milliseconds How long to wait at most; 0: no limit.
 * @returns "late" when the time was up first, "ended" when the scan ended without an answer.
 * @throws {NotSupervisedError} when no scan is running.
 * @throws {UnanswerableError} when the scan can't answer this user; nothing was sent.
 * @throws {SystemError} when the scan can't be told.
 */
export function requestUpgrade(
  scandir: string,
  commands: readonly ScanCommand[],
  milliseconds: number,
): UpgradeOutcome | "late" | "ended" {
  const deadline = deadlineAfter(milliseconds);
  // Throws where no scan is running, before the asker makes its FIFO there.
  controlScan(scandir);
  using asker = new Asker(`${scandir}/${ScanPath.directory}`);
  controlScan(scandir, ...commands);
  const opened = tryOpen(CWD, `${scandir}/${ScanPath.control}`, Open.WRITE | Open.NONBLOCK);
  if (opened < 0) return asker.read() ?? "ended";
  // poll(2) reports the writing end of a FIFO once its last reader is gone: the scan has ended.
  using control = new Descriptor(opened);
  let outcome: UpgradeOutcome | "ended" | undefined;
  const wait: Wait<typeof outcome> = {
    receive: (_index, received) => void (outcome = received),
    get done() {
      return outcome !== undefined;
    },
  };
  const end: Source<typeof outcome> = { fd: control.fd, read: () => asker.read() ?? "ended" };
  return waitBlocking([asker, end], wait, deadline) ? outcome! : "late";
}
