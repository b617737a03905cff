import { millisecondsBetween } from "./deaths.ts";
import { explainByRc } from "./explain_by_rc.ts";
import type { Explanation } from "./explanation.ts";
import type { Facts, RcFacts } from "./facts.ts";
import type { Instant } from "../tai/tai64n.ts";
import { duration } from "./words.ts";

/** What an explanation of a oneshot is made from. */
export interface OneshotFacts extends Pick<Facts, "name" | "now" | "waitsFor"> {
  readonly rc: RcFacts;
  /** What the live directory records of it. */
  readonly standing: "up" | "down" | "starting" | "stopping";
  /** Since when it has been up, where that is recorded. */
  readonly reached: Instant | undefined;
  /** The process of its script, where that runs, and since when it was ordered. */
  readonly script: { readonly pid: number; readonly since: Instant | undefined } | undefined;
  /** Milliseconds that the script which is under way may take; 0: no limit. */
  readonly timeout: number;
}

/** Explains the state of a oneshot. */
export function explainOneshot(facts: OneshotFacts): Explanation {
  const { now, rc, reached, script, standing } = facts;
  if (script !== undefined) return running(facts, script);
  const isUnderWay = standing === "starting" || standing === "stopping";
  if (isUnderWay && rc.isChanging) {
    const state = standing;
    return { state, reason: "its script is about to be run", next: "" };
  }
  const byRc = standing === "up" ? undefined : explainByRc(facts);
  if (byRc !== undefined) return byRc;
  if (isUnderWay) {
    return {
      state: "failed",
      reason: "the command that ran its script ended before the script did, so it may be half done",
      next: `\`${rc.start}\` runs the script again`,
    };
  }
  if (standing === "up") {
    const since = reached === undefined
      ? ""
      : ` ${duration(millisecondsBetween(reached, now))} ago`;
    return { state: "ready", reason: `its script has succeeded${since}`, next: "" };
  }
  return { state: "down", reason: "not started", next: `\`${rc.start}\` runs its script` };
}

function running(
  { now, rc, standing, timeout }: OneshotFacts,
  { pid, since }: NonNullable<OneshotFacts["script"]>,
): Explanation {
  const [state, script] = standing === "stopping"
    ? ["stopping", "down"] as const
    : ["starting", "up"] as const;
  const spent = since === undefined ? undefined : millisecondsBetween(since, now);
  const lasting = spent === undefined ? "" : ` for ${duration(spent)}`;
  return {
    state,
    reason: `its script ${script} has not ended${lasting}: process ${pid} still runs`,
    next: !rc.isChanging
      ? `the command that ran it has ended; \`${rc.start}\` waits for the script, and runs it again`
      : timeout === 0
      ? `it may take as long as it likes, as there is no timeout-${script}`
      : spent !== undefined && spent < timeout
      ? `given up in ${duration(timeout - spent)} (timeout-${script})`
      : `given up at any moment (timeout-${script})`,
  };
}
