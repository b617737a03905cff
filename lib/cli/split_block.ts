import { requiredProgram } from "./command.ts";
import { UsageError } from "../options/usage_error.ts";

/**
 * Splits arguments into a block and the program after it. An empty argument ends the block.
 * execline puts a space before each argument of a block; it is removed.
 *
 * @param what What the block holds, for the error.
 */
export function splitBlock(
  args: readonly string[],
  what: string,
): { block: string[]; program: readonly string[] } {
  const end = args.indexOf("");
  if (end < 0) throw new UsageError(`no empty argument ("") after the ${what}`);
  const block = args.slice(0, end).map((argument) => argument.replace(/^ /, ""));
  return { block, program: requiredProgram(args.slice(end + 1)) };
}
