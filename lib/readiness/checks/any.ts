import type { ReadinessCheck } from "./readiness_check.ts";

/**
 * A check that holds when one of the given checks does. They run one after the other, until one holds.
 *
 * Permissions: none of its own.
 *
 * @param checks The checks. Without any, it never holds.
 *
 * @example
 * ```ts
 * import { readiness } from "@sv/supervise";
 *
 * const { any, file, pollUntilReady } = readiness;
 * const check = any(file("/nowhere"), file("/"));
 * console.log((await pollUntilReady(check)).ready); // true
 * ```
 */
export function any(...checks: readonly ReadinessCheck[]): ReadinessCheck {
  return async (signal) => {
    const failures: string[] = [];
    for (const check of checks) {
      signal.throwIfAborted();
      try {
        if (await check(signal) === true) return true;
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
    if (failures.length > 0) throw new Error(failures.join(", and "));
    return false;
  };
}
