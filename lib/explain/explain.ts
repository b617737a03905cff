/**
 * Why a service is as it is: facts in, words out. Pure; `read_facts.ts` reads the facts.
 *
 * @module
 */

import { isNotStartedYet } from "../servicedir/status.ts";
import { sentence } from "./clauses.ts";
import { explainDown } from "./explain_down.ts";
import { explainStopping } from "./explain_stopping.ts";
import { explainUnsupervised } from "./explain_unsupervised.ts";
import { explainUp } from "./explain_up.ts";
import type { Explanation, SupervisedFacts } from "./explanation.ts";
import type { Facts } from "./facts.ts";

/**
 * Explains the state of a service. Pure: what it says follows from the facts alone.
 *
 * @param facts What is known of the service; `readFactsOf()` reads it.
 */
export function explain(facts: Facts): Explanation {
  const { supervision } = facts;
  if (supervision.is !== "sv" && supervision.is !== "s6") return explainUnsupervised(facts);
  if (hasStatus(facts)) return withRival(facts, explainSupervised(facts));
  return { state: "unknown", reason: "its supervisor has not written a status yet", next: "" };
}

function hasStatus(facts: Facts): facts is SupervisedFacts {
  return facts.status !== undefined;
}

function explainSupervised(facts: SupervisedFacts): Explanation {
  const { status } = facts;
  if (status.finishing || (status.pid !== 0 && isStopping(facts))) {
    return explainStopping(facts);
  }
  if (status.pid !== 0) return explainUp(facts);
  return explainDown(facts, isNotStartedYet(status));
}

/** Adds that two supervisors want the service, where they do: what one is told, the other undoes. */
function withRival({ name, dir = name, rival }: Facts, told: Explanation): Explanation {
  if (rival === undefined) return told;
  const { holder, scan } = rival;
  const words = holder === undefined
    ? "another supervisor"
    : `process ${holder.pid} (${holder.command})`;
  return {
    ...told,
    reason: sentence(told.reason, `${words} supervises it, so the scan of ${scan} can't`),
    next: sentence(
      told.next,
      `\`sv control -xd ${dir}\` ends it and that supervisor; the scan starts it then`,
    ),
  };
}

/**
 * Tells whether a service that is up is on its way down. s6 does not record it: under s6 a service that
 * is up and not wanted up may as well have been started once.
 */
function isStopping({ status, stopping, supervision }: SupervisedFacts): boolean {
  return stopping !== undefined || (supervision.is === "s6" && !status.wantUp);
}
