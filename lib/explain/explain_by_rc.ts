import { millisecondsBetween } from "./deaths.ts";
import type { Explanation } from "./explanation.ts";
import type { Dependency, Facts } from "./facts.ts";
import { duration, list } from "./words.ts";

/** Returns what a service needs, and why it has not got it: the first cause, at the end of a chain. */
function needs(waitsFor: readonly Dependency[]): string {
  const [first] = waitsFor;
  const { name, cause = first! } = first!;
  const chain = cause === first
    ? ""
    : waitsFor.length === 1
    ? `, which needs ${cause.name}`
    : `; ${name} needs ${cause.name}`;
  return `it needs ${list(waitsFor.map(({ name }) => name))}${chain}, and ` +
    `${cause.name} ${cause.state === "failed" ? "has" : "is"} ${cause.state}: ${cause.reason}`;
}

/**
 * Explains a service that is down by what `sv rc` knows of it: that it waits for others, or that its last
 * start failed. Returns undefined where that does not explain it.
 */
export function explainByRc(
  { now, rc, waitsFor }: Pick<Facts, "now" | "rc" | "waitsFor">,
): Explanation | undefined {
  if (waitsFor.length > 0) {
    if (rc === undefined || rc.isChanging) {
      return {
        state: "waiting",
        reason: needs(waitsFor),
        next: "sv rc starts it as soon as what it needs is ready",
      };
    }
    const ago = rc.wanted === undefined
      ? ""
      : `; its start was ordered ${duration(millisecondsBetween(rc.wanted.since, now))} ago, and ` +
        "that command has ended";
    return {
      state: "blocked",
      reason: needs(waitsFor) + ago,
      next: `once that is mended, \`${rc.start}\` starts it with what it needs`,
    };
  }
  if (rc?.failure === undefined) return undefined;
  const { at, why } = rc.failure;
  const verb = rc.wanted?.direction === "down" ? "stop" : "start";
  return {
    state: "failed",
    reason: `sv rc could not ${verb} it ${duration(millisecondsBetween(at, now))} ago: ${why}`,
    next: verb === "start"
      ? `once the cause is mended, \`${rc.start}\` tries again`
      : "once the cause is mended, stop it again",
  };
}
