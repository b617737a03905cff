import type { Explanation } from "./explanation.ts";
import { STATES } from "./states.ts";
import { list } from "./words.ts";

/** A service that a bundle stands for. */
export interface BundleMember {
  readonly name: string;
  readonly explanation: Explanation;
}

/**
 * Explains a bundle by its services: the most urgent state, with that service's reason; `partial` where all
 * are as they shall be, but only some are up.
 */
export function explainBundle(members: readonly BundleMember[]): Explanation {
  if (members.length === 0) {
    return { state: "ready", reason: "there is nothing in it", next: "" };
  }
  const urgencyOf = ({ explanation: { state } }: BundleMember) => STATES[state].urgency;
  const worst = members.reduce((a, b) => urgencyOf(b) > urgencyOf(a) ? b : a);
  const down = members.filter(({ explanation: { state } }) => state === "down");
  const up = members.filter(({ explanation: { state } }) => STATES[state].tone === "good");
  const counted = `${up.length} of ${members.length} up`;
  const { next, reason, state } = worst.explanation;
  if (up.length === members.length) return { state, reason: `all ${members.length} up`, next: "" };
  if (down.length === members.length) return { state, reason: "all down", next };
  if (up.length + down.length === members.length) {
    return {
      state: "partial",
      reason: `${counted}; down: ${list(down.map(({ name }) => name))}`,
      next: "",
    };
  }
  return { state, reason: `${counted}; ${worst.name} is ${state}: ${reason}`, next };
}
