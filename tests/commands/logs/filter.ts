import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** What a filter has made of its input. */
export interface Filtered {
  /** Its exit code. */
  readonly code: number;
  /** What it wrote on descriptor 1. */
  readonly stdout: string;
  /** What it wrote on descriptor 2. */
  readonly stderr: string;
}

/**
 * Runs a filter from a pipe to a file.
 *
 * @param command The filter and its arguments.
 * @param input Its input.
 * @param env Variables to add to its environment.
 */
export async function filter(
  command: readonly string[],
  input: string,
  env: Record<string, string> = {},
): Promise<Filtered> {
  await using at = await temporaryDirectory();
  Deno.writeTextFileSync(`${at.path}/in`, input);
  const pipeline = ["sh", "-c", 'cat in | "$@" >out', "sh", ...command];
  const { code, stderr } = await run(pipeline, { cwd: at.path, env });
  return { code, stderr, stdout: Deno.readTextFileSync(`${at.path}/out`) };
}
