import type { ReadinessCheck } from "./poll_until_ready.ts";

/** Lets somebody who polls wait for the end of the last check, after polling has ended without it. */
export function attended(check: ReadinessCheck): {
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
