import { PidfdDeaths } from "../../os/spawn/deaths.ts";
import { execCheck, findProgram } from "./exec_check.ts";
import type { ReadinessCheck } from "./readiness_check.ts";

/**
 * A check that runs a program, and holds when that exits 0. The program gets this one's working
 * directory, environment and standard descriptors, and a session of its own. When it takes too long it
 * gets SIGTERM, and SIGKILL a second later, with all its children.
 *
 * Permissions: `ffi`, `env`.
 *
 * @param argv The program, which is searched for in `PATH`, and its arguments.
 * @throws {TypeError} when there is no program.
 *
 * @example
 * ```ts
 * import { readiness } from "@sv/supervise";
 *
 * const { all, exec, pollUntilReady } = readiness;
 * const check = all(exec(["test", "-d", "/"]), exec(["true"]));
 * console.log((await pollUntilReady(check)).ready); // true
 * ```
 */
export function exec(argv: readonly string[]): ReadinessCheck {
  const [name] = argv;
  if (name === undefined) throw new TypeError("Cannot check with a program: none is given");
  const file = findProgram(name, Deno.env.get("PATH"));
  return execCheck({ file, argv }, { deaths: new PidfdDeaths() });
}
