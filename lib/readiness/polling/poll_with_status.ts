import { type PollingState, writePollingStatus } from "../../servicedir/polling_status.ts";
import {
  pollOnClock,
  type PollOptions,
  type PollResult,
  type ReadinessCheck,
} from "./poll_until_ready.ts";
import { reactorClock } from "./reactor_clock.ts";

/** How to poll, and who is polled. */
export interface PollWithStatusOptions {
  /** How often and how long. */
  readonly polling: PollOptions;
  /** The service directory, open; or `CWD`. */
  readonly directory: number;
  /** The daemon. */
  readonly pid: number;
  /** When it was started, on the monotonic clock in milliseconds. */
  readonly since: number;
}

/** Polls, and writes down how far that has got, for `sv stat`. */
export async function pollWithStatus(
  check: ReadinessCheck,
  { polling, directory, pid, since }: PollWithStatusOptions,
): Promise<PollResult> {
  const write = (state: PollingState, tries: number, lastFailure = "") => {
    try {
      writePollingStatus(directory, { pid, state, tries, lastFailure });
    } catch {
      // It is for people who want to know more. Polling does not depend on it.
    }
  };
  const onFailure = (tries: number, failure?: string) => write("polling", tries, failure);
  const result = await pollOnClock(check, { ...polling, onFailure }, reactorClock, since);
  write(result.outcome, result.tries, result.lastFailure);
  return result;
}
