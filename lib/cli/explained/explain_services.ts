import { sentence } from "../../explain/clauses.ts";
import { explain } from "../../explain/explain.ts";
import { readFactsOf } from "../../explain/read_facts.ts";
import { joinRc } from "./join_rc.ts";

/**
 * Returns a line for each of some services: how it is, why, and what happens next.
 *
 * @param dirs Their directories.
 */
export async function explainServices(dirs: readonly string[]): Promise<string[]> {
  const told = dirs.map((dir) => {
    // The commands that are named take a word without a slash for a name in the scan directory.
    const facts = readFactsOf(dir, /^[./]/.test(dir) ? dir : `./${dir}`);
    return { dir, facts, explanation: explain(facts) };
  });
  return (await joinRc(told, ({ dir }) => dir)).map(({ dir, explanation }) => {
    const { next, reason, state } = explanation;
    return `${dir}: ${state}: ${sentence(reason, next)}`;
  });
}
