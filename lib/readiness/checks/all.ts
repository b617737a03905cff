import type { ReadinessCheck } from "./readiness_check.ts";

/**
 * A check that holds when all of the given checks do. They run one after the other, until one fails: put
 * the cheap ones first.
 *
 * Permissions: none of its own.
 *
 * @param checks The checks. Without any, it holds.
 *
 * @example
 * ```ts
 * import { readiness } from "@sv/supervise";
 *
 * const { all, file, http, pollUntilReady } = readiness;
 * const check = all(file("/run/app.sock"), http("http://127.0.0.1:8080/health"));
 * const { ready, lastFailure } = await pollUntilReady(check, { tries: 1 });
 * console.log(ready, lastFailure); // false there is no file /run/app.sock
 * ```
 */
export function all(...checks: readonly ReadinessCheck[]): ReadinessCheck {
  return async (signal) => {
    for (const check of checks) {
      signal.throwIfAborted();
      if (await check(signal) !== true) return false;
    }
    return true;
  };
}
