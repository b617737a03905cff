/**
 * What a test needs that a machine may lack. A test whose need is not met is ignored: Deno counts it
 * among the ignored ones, and its name says what is missing.
 *
 * ```ts
 * testNeeding([missingPrograms("nginx")], "nginx answers", async () => {});
 * ```
 *
 * @module
 */

import { run } from "./run.ts";

/** Why a need is not met; `undefined` where it is. */
export type Missing = string | undefined;

/**
 * Registers a test, which Deno ignores where something is missing for it.
 *
 * @param needs Its needs, `undefined` where they are met.
 * @param name Its name.
 * @param test The test.
 */
export function testNeeding(
  needs: readonly Missing[],
  name: string,
  test: () => void | Promise<void>,
): void {
  Deno.test({ ...needing(needs, name), fn: test });
}

/**
 * Describes a test that has needs, for `Deno.test`.
 *
 * @param needs Its needs, `undefined` where they are met.
 * @param name Its name.
 * @returns The name, which says what is missing, and whether the test is ignored.
 */
export function needing(
  needs: readonly Missing[],
  name: string,
): { readonly name: string; readonly ignore: boolean } {
  const reasons = needs.filter((reason) => reason !== undefined);
  if (reasons.length === 0) return { name, ignore: false };
  return { name: `${name} (ignored: ${reasons.join("; ")})`, ignore: true };
}

/** Looks for programs on PATH and in /usr/sbin. */
export function missingPrograms(...programs: readonly string[]): Missing {
  const directories = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin"];
  const missing = programs.filter((program) =>
    !directories.some((directory) => isExecutable(`${directory}/${program}`))
  );
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

/** Returns why root is needed, where the tests don't run as root. */
export function missingRoot(purpose: string): Missing {
  return Deno.uid() === 0 ? undefined : `root is needed ${purpose}`;
}

/** Tries a command that only some machines allow, and returns how it failed. */
export async function refused(...command: readonly string[]): Promise<Missing> {
  const outcome = await run(command).catch((error) => ({ code: 1, stderr: String(error) }));
  return outcome.code === 0 ? undefined : `${command.join(" ")}: ${outcome.stderr.trim()}`;
}

function isExecutable(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && ((mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}
