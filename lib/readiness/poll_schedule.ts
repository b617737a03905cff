/**
 * When to poll, and when to give up: pure arithmetic on a clock that somebody else reads.
 *
 * @module
 */

/** How often and how long to poll. Times are in milliseconds. */
export interface PollPlan {
  /** Before the first check. */
  readonly initialSleep: number;
  /** From the end of a check to the start of the next. */
  readonly waitingTime: number;
  /** How many checks at most; Infinity: as many as it takes. */
  readonly tries: number;
  /** For all of it; Infinity: no limit. */
  readonly globalTimeout: number;
  /** For one check; Infinity: no limit. */
  readonly localTimeout: number;
}

/** Where polling has got to. */
export interface PollState {
  /** How many checks have failed. */
  readonly failures: number;
  /** When the next check is due. */
  readonly due: number;
  /** When to give up. */
  readonly end: number;
}

/** What is to be done next. */
export type PollStep =
  /** Sleep, and ask again. */
  | { readonly do: "sleep"; readonly until: number }
  /** Run a check, and stop it when it is still running at `limit`. */
  | { readonly do: "check"; readonly limit: number }
  /** Give up. */
  | { readonly do: "end"; readonly outcome: "gave up" | "timed out" };

/** The state at the start. */
export function startPolling(plan: PollPlan, now: number): PollState {
  return { failures: 0, due: now + plan.initialSleep, end: now + plan.globalTimeout };
}

/** The state after a check that failed, or overstayed. */
export function afterFailure(plan: PollPlan, state: PollState, now: number): PollState {
  return { ...state, failures: state.failures + 1, due: now + plan.waitingTime };
}

/** What is to be done now, while no check is running. */
export function nextStep(plan: PollPlan, state: PollState, now: number): PollStep {
  if (now >= state.end) return { do: "end", outcome: "timed out" };
  if (state.failures >= plan.tries) return { do: "end", outcome: "gave up" };
  if (now < state.due) return { do: "sleep", until: Math.min(state.due, state.end) };
  return { do: "check", limit: Math.min(now + plan.localTimeout, state.end) };
}
