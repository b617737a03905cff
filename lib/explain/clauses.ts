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
  let text = "";
  for (let at = 0; at < clauses.length; at++) {
    const clause = clauses[at]!;
    if (clause !== "") text = text === "" ? clause : `${text}; ${clause}`;
  }
  return text;
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
  { downFile, logTrouble, now, status, wrongFiles }: SupervisedFacts,
): string {
  const clauses: string[] = [];
  if (logTrouble !== undefined) {
    const since = duration(millisecondsBetween(logTrouble.since, now));
    clauses.push(`its log has stood still for ${since}: ${logTrouble.reason}`);
  }
  const isUp = status.pid !== 0;
  if (isUp && !status.wantUp) clauses.push("not started again when it ends");
  if (isUp && downFile && status.wantUp) {
    clauses.push("not started with its supervisor (file down)");
  }
  if (wrongFiles !== undefined) clauses.push(...wrongFiles);
  return sentence(...clauses);
}
