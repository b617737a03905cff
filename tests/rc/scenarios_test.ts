/**
 * Plays every scenario in `scenarios/`: `sv rc` must do what s6-rc 0.7.0.0 did when it was
 * recorded. The folder of a scenario has definitions (`source`), commands (`steps`), and what each
 * command brought about (`expected`): exit code, output, services that are up, lines that services
 * logged, their order.
 */
import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { atATime } from "../support/at_a_time.ts";
import { differences, parseExpectations } from "./expectation.ts";
import { type Implementation, ours, play, type StepResult } from "./scenario.ts";

const scenarios = fromFileUrl(new URL("scenarios", import.meta.url));
const names = [...Deno.readDirSync(scenarios)].map(({ name }) => name).sort();
const scans: Readonly<Record<string, Implementation>> = {
  "sv scan": ours(),
  "s6-svscan": ours(["s6-svscan"]),
};
const cases = names.flatMap((name) => Object.keys(scans).map((scan) => ({ name, scan })));

const results = atATime(3, cases, async ({ name, scan }) => {
  try {
    return { steps: await play(join(scenarios, name), scans[scan]!) };
  } catch (error) {
    // Kept, not thrown: no test awaits this result until its turn comes.
    return { error };
  }
});

for (const [index, { name, scan }] of cases.entries()) {
  Deno.test({
    name: `sv rc does what s6-rc did, over ${scan}: ${name}`,
    // The scenarios are played beside each other: a test may see processes and files of another
    // one.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const result = await results[index]!;
      if ("error" in result) throw result.error;
      const text = await Deno.readTextFile(join(scenarios, name, "expected"));
      const expectations = parseExpectations(text);
      const differ = (steps: readonly StepResult[]) => {
        assertEquals(steps.map(({ command }) => command), expectations.map((e) => e.command));
        return expectations.flatMap((e, at) => differences(e, steps[at]!));
      };
      let found = differ(result.steps);
      // Services that need nothing of each other were recorded in the order that their times give: a host
      // may be too slow for that. It is not where they take ten times as long.
      if (found.length > 0 && found.every((difference) => difference.includes(": order: "))) {
        found = differ(await play(join(scenarios, name), scans[scan]!, 10));
      }
      assertEquals(found, []);
    },
  });
}
