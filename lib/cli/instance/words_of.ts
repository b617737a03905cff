import type { Command } from "../command.ts";
import type { GivenOption } from "../../options/parse_options.ts";

/**
 * Returns the command line of another command that takes the same options: these options, and other
 * operands.
 *
 * @param options The options, as they were given.
 * @param operands The operands.
 */
export function wordsOf(
  options: readonly GivenOption[],
  operands: readonly string[],
): string[] {
  const words = options.flatMap(({ spelling, value }) =>
    value === "" ? [spelling] : [spelling, value]
  );
  return [...words, "--", ...operands];
}

/** Returns what the help of a command says after its first paragraph. */
export function optionsOf({ help }: Command): string {
  return help.slice(help.indexOf("\n\n") + 2);
}
