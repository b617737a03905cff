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
  /** What the waiting time is multiplied by after each check, up to {@linkcode LONGEST_WAIT}. */
  readonly backoff: number;
  /** Whose waiting times vary in a way of their own; undefined: they do not. */
  readonly jitter: string | undefined;
  /** How many checks at most; Infinity: as many as it takes. */
  readonly tries: number;
  /** For all of it; Infinity: no limit. */
  readonly globalTimeout: number;
  /** For one check; Infinity: no limit. */
  readonly localTimeout: number;
}

/** How long a waiting time may become by backing off, in milliseconds. */
export const LONGEST_WAIT = 10_000;

/** How far a waiting time that varies may be from what it would be. */
const VARIATION = 0.1;

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
export type PollAction =
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

/** A number from -1 to 1 that is always the same for the same text (FNV-1a). */
function fromText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  // The last characters have not reached the high bits yet.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 0x7fffffff - 1;
}

/** How long to wait after so many failures. */
export function waitAfter(plan: PollPlan, failures: number): number {
  const { waitingTime, backoff, jitter } = plan;
  const longest = Math.max(waitingTime, LONGEST_WAIT);
  const wait = Math.min(waitingTime * backoff ** (failures - 1), longest);
  return jitter === undefined ? wait : wait * (1 + VARIATION * fromText(`${failures} ${jitter}`));
}

/** The state after a check that failed, or overstayed. */
export function afterFailure(plan: PollPlan, state: PollState, now: number): PollState {
  const failures = state.failures + 1;
  return { ...state, failures, due: now + waitAfter(plan, failures) };
}

/** What is to be done now, while no check is running. */
export function nextAction(plan: PollPlan, state: PollState, now: number): PollAction {
  if (now >= state.end) return { do: "end", outcome: "timed out" };
  if (state.failures >= plan.tries) return { do: "end", outcome: "gave up" };
  if (now < state.due) return { do: "sleep", until: Math.min(state.due, state.end) };
  return { do: "check", limit: Math.min(now + plan.localTimeout, state.end) };
}
