import { checkDefinitions } from "../../rc/definitions/check.ts";
import { DatabaseError, type Origin, originOf } from "../../rc/definitions/database.ts";
import { count } from "../../explain/words.ts";
import type { Fault } from "../../rc/definitions/definition.ts";
import type { DefinitionSet } from "../../rc/definitions/definition_set.ts";
import { readSources } from "../../rc/definitions/source.ts";
import { encodeOs } from "../../os/os_string.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import { LONGEST_SCANNED_NAME } from "../../servicedir/protocol.ts";
import { Failure } from "../command.ts";
import { say } from "../output.ts";
import { RcExit } from "./rc_live.ts";

/** The exit code for definitions that have errors. */
export const UNSOUND = 1;

/** What was read from source directories. */
export interface ReadDefinitions {
  /** The definitions. */
  readonly set: DefinitionSet;
  /** Everything that is wrong with them. */
  readonly faults: readonly Fault[];
}

/** Returns the source directory to which each path leads: the path itself, or that of a database. */
function originsOf(paths: readonly string[]): Origin[] {
  try {
    return paths.map(originOf);
  } catch (error) {
    if (error instanceof DatabaseError) throw new Failure(error.message, RcExit.invalid);
    throw error;
  }
}

/**
 * Reads source directories and finds everything that is wrong with them. What there was to warn of in
 * a database was said when it was made.
 *
 * @param sources Source directories, and databases that `sv rc compile` has made.
 * @param prefix The prefix that their names get in the scan directory.
 */
export function readAndCheck(sources: readonly string[], prefix = ""): ReadDefinitions {
  const origins = originsOf(sources);
  const directories = origins.map(({ directory }) => directory);
  const longestName = LONGEST_SCANNED_NAME - encodeOs(prefix).length;
  const { definitions, faults } = readSources(directories, longestName);
  const all = [...faults, ...checkDefinitions(definitions)];
  const isChecked = origins.every(({ isDatabase }) => isDatabase);
  return {
    set: { sources, definitions },
    faults: isChecked ? all.filter(({ severity }) => severity === "error") : all,
  };
}

/** Throws if definitions have errors. */
export function requireSound({ faults }: Pick<ReadDefinitions, "faults">): void {
  const errors = faults.filter(({ severity }) => severity === "error").length;
  if (errors > 0) {
    throw new Failure(`the definitions have ${count(errors, "error")}`, UNSOUND);
  }
}

/** Reads definitions, prints what is wrong with them, and throws if they have errors. */
export function soundDefinitions(
  sources: readonly string[],
  verbosity = 1,
  prefix = "",
): DefinitionSet {
  const read = readAndCheck(sources.map(absolute), prefix);
  if (verbosity > 0) sayFaults(read.faults);
  requireSound(read);
  return read.set;
}

/** Returns the path that a source directory has for good, whatever becomes of links on the way. */
function absolute(source: string): string {
  try {
    return Deno.realPathSync(source);
  } catch (error) {
    const errno = error instanceof Deno.errors.NotFound ? Errno.ENOENT : Errno.EACCES;
    throw new SystemError(`read the definitions in ${source}`, errno);
  }
}

/** Prints errors and warnings, one on a line. */
export function sayFaults(faults: readonly Fault[]): void {
  for (const { severity, message } of faults) say(`${severity}: ${message}`);
}
