import { explain } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import { readFactsOf } from "./read_facts.ts";

/**
 * Tells how a service is, why, and what happens next, as `sv status` does: by what its supervisor (of
 * `sv` or of s6), its checks, its daemon and the system know of it. A directory in which no supervisor
 * runs, or that does not exist, is explained, too: nothing is thrown.
 *
 * Permissions: `ffi`.
 *
 * @param dir Path of the service directory.
 * @param name What to call the service in the commands that the explanation names; default: the path.
 *
 * @example
 * ```ts
 * import { explainService } from "@sv/supervise";
 *
 * const { state, reason, next } = explainService("/run/service/no-such-service");
 * console.log(state); // missing
 * console.log(reason); // there is no directory /run/service/no-such-service
 * console.log(next); // look for a misspelt name; …
 * ```
 */
export function explainService(dir: string, name: string = dir): Explanation {
  return explain(readFactsOf(dir, name));
}
