import { type ParsedOptions, parseOptions } from "../options/parse_options.ts";
import { UsageError } from "../options/usage_error.ts";
import { required } from "./command.ts";
import { isCalledAsS6 } from "./program.ts";

/**
 * Reads the command line of a command that starts no program: its options may come after its operands.
 * By the name of a program of s6 they may not, as there.
 *
 * @param args The arguments.
 * @param short The short options, as `parseOptions` takes them.
 * @param long The long ones.
 */
export function parseCommandLine(
  args: readonly string[],
  short = "",
  long: Readonly<Record<string, string>> = {},
): ParsedOptions {
  return parseOptions(args, short, long, !isCalledAsS6());
}

/**
 * Returns the operands of a command that takes a fixed number. Of more it complains; by the name of a
 * program of s6 it ignores them, as that does.
 *
 * @param given What was given.
 * @param names What each operand is, for errors.
 * @param optional How many of the last ones may be missing.
 * @throws {UsageError} when an operand is missing or empty, and when there are too many.
 */
export function operands(
  given: readonly string[],
  names: readonly string[],
  optional = 0,
): string[] {
  if (given.length > names.length && !isCalledAsS6()) {
    const last = names.slice(-1).map((name) => `the ${name}`);
    const expected = [names.slice(0, -1).map((name) => `the ${name}`).join(", "), ...last]
      .filter((part) => part !== "").join(" and ");
    throw new UsageError(
      `'${given[names.length]}' is too much: ` +
        (expected === ""
          ? "no operands are expected"
          : `after ${expected} nothing else is expected`),
    );
  }
  names.slice(0, names.length - optional).forEach((name, index) => required(given[index], name));
  const found = given.slice(0, names.length);
  found.forEach((operand, index) => requireText(operand, names[index]!));
  return found;
}

/** Complains of an operand that is empty, as an unset variable of a script leaves it; not as s6. */
export function requireText(operand: string, what: string): void {
  if (operand === "" && !isCalledAsS6()) throw new UsageError(`an empty string is no ${what}`);
}

/** Returns operands that are all of one kind, of which there must be one at least, and none empty. */
export function operandList(given: readonly string[], what: string): readonly string[] {
  required(given[0], what);
  for (const operand of given) requireText(operand, what);
  return given;
}
