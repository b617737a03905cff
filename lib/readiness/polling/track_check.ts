import type { ReadinessCheck } from "../checks/readiness_check.ts";

/**
 * Makes the end of a check's last run known: polling may end while a run still goes on.
 *
 * @returns The check to poll with, and a function that waits for the end of its last run.
 */
export function trackCheck(check: ReadinessCheck): {
  readonly check: ReadinessCheck;
  readonly ended: () => Promise<unknown>;
} {
  let running: Promise<unknown> = Promise.resolve();
  return {
    check: (signal) => {
      const verdict = Promise.resolve(check(signal));
      running = verdict.catch(() => {});
      return verdict;
    },
    ended: () => running,
  };
}
