import { monotonicClock } from "../../os/clock.ts";
import type { Printed } from "../checks/exec_check.ts";
import type { ReadinessCheck } from "../checks/readiness_check.ts";
import { type PollingState, writePollingStatus } from "../../servicedir/polling_status.ts";
import { pollOnClock, type PollOptions, type PollResult } from "./poll_until_ready.ts";
import { reactorClock } from "./reactor_clock.ts";

/** Milliseconds after which a check that still runs is shown: most end before. */
const SLOW = 300;

/** How to poll, and the service that is polled. */
export interface PollWithStatusOptions {
  /** How often and how long. */
  readonly polling: PollOptions;
  /** The service directory: an open descriptor, or `CWD`. */
  readonly directory: number;
  /** The daemon's process id. */
  readonly pid: number;
  /** When the daemon was started, on the monotonic clock in milliseconds. */
  readonly since: number;
  /** What the program that checks has printed. */
  readonly printed: Printed;
}

/** Polls, and writes the progress to `supervise/readiness`, for `sv stat`. */
export async function pollWithStatus(
  check: ReadinessCheck,
  { polling, directory, pid, since, printed }: PollWithStatusOptions,
): Promise<PollResult> {
  let failed = { tries: 0, lastFailure: "", lastOutput: "" };
  let lastDuration: number | undefined;
  let over = false;
  const write = (state: PollingState, runningSince?: number) => {
    try {
      writePollingStatus(directory, {
        pid,
        state,
        ...failed,
        ...runningSince !== undefined && { runningSince },
        ...lastDuration !== undefined && { lastDuration },
      });
    } catch {
      // The file only informs; polling works without it.
    }
  };
  const onFailure = (tries: number, lastFailure = "") => {
    failed = { tries, lastFailure, lastOutput: printed.text };
    write("polling");
  };
  /** Shows a check that does not end soon. */
  const shown: ReadinessCheck = async (signal) => {
    const start = monotonicClock();
    printed.text = "";
    const cancel = reactorClock.at(start + SLOW, () => {
      if (!over) write("polling", start);
    });
    try {
      return await check(signal);
    } finally {
      cancel();
      lastDuration = monotonicClock() - start;
    }
  };
  try {
    const result = await pollOnClock(shown, { ...polling, onFailure }, reactorClock, since);
    const { outcome, tries, lastFailure = "" } = result;
    failed = result.ready
      ? { tries, lastFailure, lastOutput: "" }
      : { tries, lastFailure, lastOutput: printed.text };
    over = true;
    write(outcome);
    return result;
  } finally {
    over = true;
  }
}
