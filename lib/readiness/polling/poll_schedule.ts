/**
 * When to poll, and when to give up. Pure arithmetic: the caller reads the clock.
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
  /** The name by which the waiting times vary, each name differently; undefined: they do not. */
  readonly jitter: string | undefined;
  /** The most checks; Infinity: no limit. */
  readonly tries: number;
  /** For all of it; Infinity: no limit. */
  readonly globalTimeout: number;
  /** For one check; Infinity: no limit. */
  readonly localTimeout: number;
}

/** The longest waiting time that backing off leads to, in milliseconds. */
export const LONGEST_WAIT = 10_000;

/** The largest share by which jitter changes a waiting time. */
const VARIATION = 0.1;

/** The state of polling. */
export interface PollState {
  /** The number of checks that have failed. */
  readonly failures: number;
  /** When the next check is due. */
  readonly due: number;
  /** When to give up. */
  readonly end: number;
}

/** What the caller does next. */
export type PollAction =
  /** Sleep, and ask again. */
  | { readonly do: "sleep"; readonly until: number }
  /** Run a check, and stop it when it is still running at `limit`. */
  | { readonly do: "check"; readonly limit: number }
  /** Give up. */
  | { readonly do: "end"; readonly outcome: "gave up" | "timed out" };

/** Returns the state at the start. */
export function startPolling(plan: PollPlan, now: number): PollState {
  return { failures: 0, due: now + plan.initialSleep, end: now + plan.globalTimeout };
}

/** Returns a number from -1 to 1 that depends on nothing but the text (FNV-1a). */
function fromText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  // FNV-1a hardly carries the last characters into the high bits: these steps do.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 0x7fffffff - 1;
}

/** Returns the waiting time after that many failures. */
export function waitAfter(plan: PollPlan, failures: number): number {
  const { waitingTime, backoff, jitter } = plan;
  const longest = Math.max(waitingTime, LONGEST_WAIT);
  const wait = Math.min(waitingTime * backoff ** (failures - 1), longest);
  return jitter === undefined ? wait : wait * (1 + VARIATION * fromText(`${failures} ${jitter}`));
}

/** Returns the state after a check that failed or took too long. */
export function afterFailure(plan: PollPlan, state: PollState, now: number): PollState {
  const failures = state.failures + 1;
  return { ...state, failures, due: now + waitAfter(plan, failures) };
}

/** Returns what to do now, while no check is running. */
export function nextAction(plan: PollPlan, state: PollState, now: number): PollAction {
  if (now >= state.end) return { do: "end", outcome: "timed out" };
  if (state.failures >= plan.tries) return { do: "end", outcome: "gave up" };
  if (now < state.due) return { do: "sleep", until: Math.min(state.due, state.end) };
  return { do: "check", limit: Math.min(now + plan.localTimeout, state.end) };
}
