import { CWD } from "../../os/file.ts";
import { exists } from "../../os/path.ts";
import type { ReadinessCheck } from "./readiness_check.ts";
import { failure } from "./failure.ts";

/**
 * A check that holds when a path exists. Remove a file that an earlier run of the daemon may have left
 * before the daemon starts.
 *
 * Permissions: `ffi`.
 *
 * @param path The path.
 *
 * @example
 * ```ts
 * import { readiness } from "@sv/supervise";
 *
 * const path = `${Deno.makeTempDirSync()}/ready`;
 * const polling = readiness.pollUntilReady(readiness.file(path), { waitingTime: 10 });
 * Deno.writeTextFileSync(path, "");
 * console.log((await polling).ready); // true
 * ```
 */
export function file(path: string): ReadinessCheck {
  return () => {
    let found: boolean;
    try {
      found = exists(CWD, path);
    } catch (error) {
      throw failure(error);
    }
    if (!found) throw new Error(`there is no file ${path}`);
    return true;
  };
}
