import type { ReadinessCheck } from "../checks/readiness_check.ts";
import { afterFailure, nextAction, type PollPlan, startPolling } from "./poll_schedule.ts";

/** How {@linkcode pollUntilReady} polls. Times are in milliseconds. */
export interface PollOptions {
  /**
   * Sleep before the first check.
   *
   * @default {10}
   */
  readonly initialSleep?: number;
  /**
   * Sleep between two checks.
   *
   * @default {1000}
   */
  readonly waitingTime?: number;
  /**
   * Multiply the sleep by this factor after each check, until it is 10,000; at least 1.
   *
   * @default {1}
   */
  readonly backoff?: number;
  /**
   * Vary the sleep by up to 10 %, depending on this name, so that services with the same settings are
   * not all polled at the same moment.
   *
   * @default {undefined} The sleep does not vary.
   */
  readonly jitter?: string;
  /**
   * Give up after this number of checks; 0: never.
   *
   * @default {7}
   */
  readonly tries?: number;
  /**
   * Give up after this time; 0: never.
   *
   * @default {0}
   */
  readonly globalTimeout?: number;
  /**
   * Stop a check after this time, and count it as failed; 0: never.
   *
   * @default {0}
   */
  readonly localTimeout?: number;
  /** Called after each failed check, with the number of checks so far and the error's message, if any. */
  readonly onFailure?: (tries: number, failure: string | undefined) => void;
  /** Aborting it stops polling; the promise is then rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How polling ended. */
export interface PollResult {
  /** Whether the last check succeeded: the service is ready. */
  readonly ready: boolean;
  /** Why polling ended: ready, after as many tries as were allowed, or after `globalTimeout`. */
  readonly outcome: "ready" | "gave up" | "timed out";
  /** The number of checks. */
  readonly tries: number;
  /** Why the last check failed, where it threw an error or took too long. */
  readonly lastFailure?: string;
}

/** A clock in milliseconds, and a way to wait for a time on it. */
export interface PollClock {
  /** The time. */
  now(): number;
  /** Calls back at a time; never, where it is infinite. Returns a function that cancels the call. */
  at(time: number, callback: () => void): () => void;
}

/** The longest delay that `setTimeout` takes. */
const MAX_DELAY = 0x7fffffff;

const realClock: PollClock = {
  now: () => performance.now(),
  at(time, callback) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const arm = () => {
      const left = time - performance.now();
      if (left <= 0) return callback();
      timer = setTimeout(arm, Math.min(Math.ceil(left), MAX_DELAY));
    };
    if (time !== Infinity) timer = setTimeout(arm, 0);
    return () => clearTimeout(timer);
  },
};

/** Returns a limit from an option, where 0 stands for "no limit". */
function limit(value: number): number {
  return value === 0 ? Infinity : value;
}

/** Returns a promise that is kept at a time, and rejected when the signal is aborted before. */
function alarm(clock: PollClock, time: number, signal: AbortSignal | undefined) {
  const { promise, resolve, reject } = Promise.withResolvers<"late">();
  const cancel = clock.at(time, () => resolve("late"));
  const abort = () => reject(signal!.reason);
  signal?.addEventListener("abort", abort);
  return {
    promise,
    [Symbol.dispose]() {
      cancel();
      signal?.removeEventListener("abort", abort);
    },
  };
}

type Verdict = { readonly ready: boolean; readonly failure?: string };

async function ask(check: ReadinessCheck, signal: AbortSignal): Promise<Verdict> {
  try {
    return { ready: await check(signal) === true };
  } catch (error) {
    return { ready: false, failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Polls as {@linkcode pollUntilReady} does, by any clock and as if from any time on. */
export async function pollOnClock(
  check: ReadinessCheck,
  options: PollOptions,
  clock: PollClock,
  startedAt: number = clock.now(),
): Promise<PollResult> {
  const { signal } = options;
  const plan: PollPlan = {
    initialSleep: options.initialSleep ?? 10,
    waitingTime: options.waitingTime ?? 1000,
    backoff: Math.max(options.backoff ?? 1, 1),
    jitter: options.jitter,
    tries: limit(options.tries ?? 7),
    globalTimeout: limit(options.globalTimeout ?? 0),
    localTimeout: limit(options.localTimeout ?? 0),
  };
  let state = startPolling(plan, startedAt);
  let tries = 0;
  let failure: string | undefined;
  const result = (outcome: PollResult["outcome"]): PollResult => ({
    ready: outcome === "ready",
    outcome,
    tries,
    ...failure === undefined ? {} : { lastFailure: failure },
  });

  for (;;) {
    signal?.throwIfAborted();
    const step = nextAction(plan, state, clock.now());
    if (step.do === "end") return result(step.outcome);
    if (step.do === "sleep") {
      using sleep = alarm(clock, step.until, signal);
      const { promise } = sleep;
      await promise;
      continue;
    }
    tries++;
    const stop = new AbortController();
    const verdict = ask(check, stop.signal);
    let answer: Verdict | "late";
    try {
      using limited = alarm(clock, step.limit, signal);
      answer = await Promise.race([verdict, limited.promise]);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
    if (answer === "late") {
      failure = "the check took too long";
      stop.abort(new DOMException("The check took too long", "TimeoutError"));
      // Two checks never run at once. After the global timeout there is no next one to wait for.
      if (clock.now() < state.end) await verdict;
    } else {
      if (answer.ready) {
        failure = undefined;
        return result("ready");
      }
      failure = answer.failure;
    }
    options.onFailure?.(tries, failure);
    state = afterFailure(plan, state, clock.now());
  }
}

/**
 * Checks again and again whether a service is ready, until it is.
 *
 * Two checks never run at once: the next begins only when the one before has ended. A check that
 * throws has failed, and polling goes on.
 *
 * Follows s6's `s6-notifyoncheck`, with its defaults.
 *
 * Permissions: none of its own.
 *
 * @param check Finds out whether the service is ready.
 * @param options How often and how long; times in milliseconds.
 * @returns How it ended: ready, or given up after `tries` checks or `globalTimeout`. Rejected only
 *   with the reason of `options.signal`.
 *
 * @example
 * ```ts
 * import { pollUntilReady } from "@sv/supervise";
 *
 * let asked = 0;
 * const { ready, tries } = await pollUntilReady(() => ++asked === 3, { waitingTime: 20 });
 * console.log(ready, tries); // true 3
 * ```
 */
export function pollUntilReady(
  check: ReadinessCheck,
  options: PollOptions = {},
): Promise<PollResult> {
  return pollOnClock(check, options, realClock);
}
