import { explain } from "../../explain/explain.ts";
import { readFactsOf } from "../../explain/read_facts.ts";
import { joinRc } from "../explained/join_rc.ts";
import { oneLine } from "../one_line.ts";
import { runitLine } from "../status/runit_line.ts";
import type { NamedService } from "../status/service_names.ts";

/** How a verb ended for a service. */
export type VerbEnd = "ok" | "timeout" | "kill" | "fail";

/**
 * Prints how a verb ended for a service, and why where it was not done.
 *
 * @param service The service.
 * @param end How it ended.
 * @param why Why it failed; empty where its state tells.
 * @param say Prints a line.
 * @returns Whether it was done.
 */
export async function reportEnd(
  { dir, name }: NamedService,
  end: VerbEnd,
  why: string,
  say: (line: string) => void,
): Promise<boolean> {
  const facts = readFactsOf(dir, name);
  const told = { facts, explanation: explain(facts) };
  // What `sv rc` knows is of interest only where something was not done.
  const [{ explanation }] = end === "ok"
    ? [told]
    : await joinRc([told], () => dir) as [typeof told];
  if (end === "fail" && why !== "") say(`fail: ${name}: ${oneLine(why)}`);
  else if (facts.status === undefined) say(`${end}: ${name}: ${oneLine(explanation.reason)}`);
  else say(`${end}: ${runitLine(name, facts)}`);
  if (end === "ok") return true;
  const { next, reason, state } = explanation;
  say(`    ${state}: ${oneLine(reason)}`);
  if (next !== "") say(`    ${oneLine(next)}`);
  return false;
}
