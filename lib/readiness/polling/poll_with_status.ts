import type { ReadinessCheck } from "../checks/readiness_check.ts";
import { type PollingState, writePollingStatus } from "../../servicedir/polling_status.ts";
import { pollOnClock, type PollOptions, type PollResult } from "./poll_until_ready.ts";
import { reactorClock } from "./reactor_clock.ts";

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
}

/** Polls, and writes the progress to `supervise/readiness`, for `sv stat`. */
export async function pollWithStatus(
  check: ReadinessCheck,
  { polling, directory, pid, since }: PollWithStatusOptions,
): Promise<PollResult> {
  const write = (state: PollingState, tries: number, lastFailure = "") => {
    try {
      writePollingStatus(directory, { pid, state, tries, lastFailure });
    } catch {
      // The file only informs; polling works without it.
    }
  };
  const onFailure = (tries: number, failure?: string) => write("polling", tries, failure);
  const result = await pollOnClock(check, { ...polling, onFailure }, reactorClock, since);
  write(result.outcome, result.tries, result.lastFailure);
  return result;
}
