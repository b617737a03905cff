import { sentence } from "../explain/clauses.ts";
import { explain } from "../explain/explain.ts";
import { readFactsOf } from "../explain/read_facts.ts";

/**
 * Returns a line for each of some services that says why it is not ready. Only loaded where such lines
 * are needed.
 *
 * @param names Names in the scan directory, which is the working directory.
 */
export function whyNotReady(names: readonly string[]): string[] {
  const scandir = Deno.cwd();
  return names.map((name) => {
    const { next, reason, state } = explain(readFactsOf(`${scandir}/${name}`, name));
    return `${name}: ${state}: ${sentence(reason, next)}`.replaceAll("\n", " ");
  });
}
