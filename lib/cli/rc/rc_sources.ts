import { checkDefinitions } from "../../rc/definitions/check.ts";
import type { Fault } from "../../rc/definitions/definition.ts";
import type { DefinitionSet } from "../../rc/definitions/definition_set.ts";
import { readSources } from "../../rc/definitions/source.ts";
import { encodeOs } from "../../os/os_string.ts";
import { LONGEST_SCANNED_NAME } from "../../servicedir/protocol.ts";
import { Failure } from "../command.ts";
import { say } from "../output.ts";

/** The exit code for definitions that have errors. */
export const UNSOUND = 1;

/**
 * Reads source directories and finds everything that is wrong with them.
 *
 * @param sources The source directories.
 * @param prefix The prefix that their names get in the scan directory.
 */
export function readAndCheck(sources: readonly string[], prefix = ""): {
  readonly set: DefinitionSet;
  readonly faults: readonly Fault[];
} {
  const longestName = LONGEST_SCANNED_NAME - encodeOs(prefix).length;
  const { definitions, faults } = readSources(sources, longestName);
  return { set: { sources, definitions }, faults: [...faults, ...checkDefinitions(definitions)] };
}

/** Reads definitions, prints what is wrong with them, and throws if they have errors. */
export function soundDefinitions(
  sources: readonly string[],
  verbosity = 1,
  prefix = "",
): DefinitionSet {
  const paths = sources.map((source) => Deno.realPathSync(source));
  const { set, faults } = readAndCheck(paths, prefix);
  if (verbosity > 0) sayFaults(faults);
  const errors = faults.filter(({ severity }) => severity === "error").length;
  if (errors > 0) {
    throw new Failure(`the definitions have ${count(errors, "error")}`, UNSOUND);
  }
  return set;
}

/** Prints errors and warnings, one on a line. */
export function sayFaults(faults: readonly Fault[]): void {
  for (const { severity, message } of faults) say(`${severity}: ${message}`);
}

/** Returns a number with its noun, in the plural unless the number is 1. */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
