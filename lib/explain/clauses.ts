/**
 * Clauses of which reasons are made.
 *
 * @module
 */

import { millisecondsBetween } from "./deaths.ts";
import type { SupervisedFacts } from "./explanation.ts";
import { duration } from "./words.ts";

/** Returns clauses as one sentence; empty ones are left out. */
export function sentence(...clauses: readonly string[]): string {
  return clauses.filter((clause) => clause !== "").join("; ");
}

/** Returns what the daemon says of itself. */
export function itsWords({ said }: SupervisedFacts): string {
  return said === undefined || said.status === "" ? "" : `it says: ${said.status}`;
}

/** Returns the last line that a service printed before it died. */
export function lastWords({ lastWords }: SupervisedFacts): string {
  return lastWords === undefined || lastWords === ""
    ? ""
    : `the last line in its log: ${lastWords}`;
}

/** Returns what is to be known besides. */
export function asides(
  { downFile, logTrouble, now, status, wrongFiles = [] }: SupervisedFacts,
): string[] {
  const isUp = status.pid !== 0;
  return [
    logTrouble === undefined
      ? ""
      : `its log has stood still for ${duration(millisecondsBetween(logTrouble.since, now))}: ` +
        logTrouble.reason,
    isUp && !status.wantUp ? "not started again when it ends" : "",
    isUp && downFile && status.wantUp ? "not started with its supervisor (file down)" : "",
    ...wrongFiles,
  ];
}
