import { reasonOf } from "../../os/system_error.ts";
import type { PollResult } from "./poll_until_ready.ts";

/** Returns a warning that says why polling ended without success, in one line. */
export function explainFailure({ outcome, tries, lastFailure }: PollResult): string {
  const why = lastFailure === undefined ? "" : `; the last time, ${reasonOf(lastFailure)}`;
  const checks = tries === 1 ? "1 check" : `${tries} checks`;
  return `warning: the service is up, but not ready: ${outcome} after ${checks}${why}`;
}
