/**
 * Polling by the supervisor, as `data/sv/notifyoncheck` says.
 *
 * @module
 */

import { reasonOf } from "../../os/system_error.ts";
import { monotonicClock } from "../../os/clock.ts";
import { CWD, readFile } from "../../os/file.ts";
import { processId } from "../../os/process.ts";
import { readLink } from "../../os/path.ts";
import { decodeOs } from "../../os/os_string.ts";
import { trackCheck } from "./track_check.ts";
import type { CheckSurroundings, Printed } from "../checks/exec_check.ts";
import { explainFailure } from "./explain_failure.ts";
import { parsePollFile, type PollSettings } from "./poll_settings.ts";
import { pollWithStatus } from "./poll_with_status.ts";
import { settingsCheck } from "./settings_check.ts";
import { writePollingFault } from "../../servicedir/polling_status.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import { processesOfRunning } from "../service_processes.ts";

/** The file that holds the options of polling. */
export const POLL_FILE = ServicePath.polling;

/** A service to poll. */
export interface PollServiceOptions {
  /** Its name. */
  readonly name: string;
  /** The service directory, open. */
  readonly directory: number;
  /** The daemon's process id. */
  readonly pid: number;
  /** What a program that checks is started with. */
  readonly surroundings: CheckSurroundings;
  /** Aborted when the daemon has died or the service is to go down. */
  readonly signal: AbortSignal;
  /** Prints a warning. */
  readonly report: (message: string) => void;
  /** Called when the service is ready. */
  readonly onReady: () => void;
}

function readPollFile(directory: number, path: string): PollSettings {
  return parsePollFile(decodeOs(readFile(directory, path)));
}

/**
 * Warns of options of polling in the place where 0.1.0 read them. Another file there is the user's own,
 * and no business of the supervisor's.
 */
export function warnOfFormerPollFile(directory: number, report: (message: string) => void): void {
  const former = ServicePath.formerPolling;
  try {
    readPollFile(directory, former);
  } catch {
    return;
  }
  report(
    `warning: the service is not polled: ${former} has options of polling, which are read from ` +
      `${POLL_FILE} only; move the file there`,
  );
}

/**
 * Polls a service until it is ready, a limit is reached, or the signal is aborted.
 *
 * @returns A promise that is kept when no check runs any more. It is never rejected: errors are
 *   reported, and the service goes on.
 */
export async function pollService(options: PollServiceOptions): Promise<void> {
  const { name, directory, pid, surroundings, signal, report, onReady } = options;
  const since = monotonicClock();
  let settings: PollSettings;
  try {
    settings = readPollFile(directory, POLL_FILE);
  } catch (error) {
    const fault = `${POLL_FILE}: ${reasonOf(error)}`;
    try {
      writePollingFault(directory, pid, fault);
    } catch {
      // The file only informs.
    }
    return report(`warning: the service is not polled, because of ${fault}`);
  }
  const printed: Printed = { text: "" };
  const { check, ended } = trackCheck(settingsCheck(settings, {
    base: readLink(CWD, `/proc/self/fd/${directory}`) ?? "",
    service: processesOfRunning(pid, processId()),
    surroundings,
    printed,
    report: (message) =>
      report(`warning: ${message}; the service is not ready until it can be run`),
  }));
  try {
    const polling = { ...settings.polling, jitter: name, signal };
    const result = await pollWithStatus(check, { polling, directory, pid, since, printed });
    if (result.ready) onReady();
    else report(explainFailure(result));
  } catch (error) {
    if (!signal.aborted) report(`warning: ${reasonOf(error)}`);
  }
  await ended();
}
