/**
 * Prints the test files to run, one on a line, each after `pure` or `full`.
 *
 * A test is pure when neither it nor a module that it imports mentions the built program or the
 * demonstration: such a test needs nothing but Deno.
 *
 * usage: test_files.ts [--unit] [WORD...]   the pure ones; those whose path contains one of the words
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { walkSync } from "@std/fs/walk";
import { importsOf } from "./imports.ts";

/** The ways in which a test gets at the built program. */
const BUILT = /dist\/sv|"\.\.\/scripts\/demo"/;

function isPure(path: string, seen = new Set<string>()): boolean {
  if (seen.has(path) || !path.startsWith("tests/")) return true;
  seen.add(path);
  return !BUILT.test(Deno.readTextFileSync(path)) &&
    importsOf(path).every((imported) => imported.path === undefined || isPure(imported.path, seen));
}

const { unit, _ } = parseArgs(Deno.args, { boolean: ["unit"], string: ["_"] });
const words: string[] = _.map(String);
const files = [...walkSync("tests", { match: [/_test\.ts$/], includeDirs: false })]
  .map(({ path }): string => path)
  .filter((path) => words.length === 0 || words.some((word) => path.includes(word)))
  .toSorted();
for (const path of files) {
  const pure = isPure(path);
  if (pure || !unit) console.log(pure ? "pure" : "full", path);
}
