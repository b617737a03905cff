/**
 * Records what s6-rc does in each scenario: `deno run -A tests/rc/record.ts [scenario...]`, with
 * s6-rc, s6 and execline on PATH. `scenarios_test.ts` compares `sv rc` with the files that this
 * writes.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl, join } from "@std/path";
import { distill, formatExpectations } from "./expectation.ts";
import { play, type StepResult, theirs } from "./scenario.ts";

const OBSERVATIONS = 3;
const scenarios = fromFileUrl(new URL("scenarios", import.meta.url));
const chosen: string[] = parseArgs(Deno.args, { string: ["_"] })._.map(String);
const names = chosen.length > 0
  ? chosen
  : [...Deno.readDirSync(scenarios)].map(({ name }) => name).sort();

for (const name of names) {
  const folder = join(scenarios, name);
  const observations: StepResult[][] = [];
  for (let round = 0; round < OBSERVATIONS; round++) {
    observations.push(await play(folder, theirs));
  }
  const expectations = observations[0]!.map((_, index) =>
    distill(observations.map((results) => results[index]!))
  );
  await Deno.writeTextFile(join(folder, "expected"), formatExpectations(expectations));
  console.log(`recorded ${name}`);
}
