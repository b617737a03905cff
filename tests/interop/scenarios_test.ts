/**
 * Every scenario in `scenarios/`, under `s6-supervise` and under `sv supervise`: what an observer sees
 * is the same, but for the differences that the scenario itself declares.
 */
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { atATime } from "../support/at_a_time.ts";
import { sv, svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { compareTranscripts, formatDifferences, parseDifferences } from "./transcript.ts";

const here = fromFileUrl(new URL(".", import.meta.url));
const names = [...Deno.readDirSync(`${here}scenarios`)].map(({ name }) => name).sort();

// s6 compared to itself, which tests the scenarios, differs in nothing.
const isSv = svCommand("").length === sv.length + 1;

interface Comparison {
  readonly s6: string;
  readonly other: string;
}

let comparisons: Promise<PromiseSettledResult<Comparison>[]>[] = [];

// Most of a scenario is waiting, so several run at a time, and a test picks up the result of its own.
Deno.test.beforeAll(() => {
  comparisons = atATime(
    6,
    names,
    (name) => Promise.allSettled([compare(name)]),
  );
});

Deno.test.afterAll(async () => {
  await Promise.all(comparisons);
});

async function compare(name: string): Promise<Comparison> {
  const [s6, other] = await Promise.all([
    transcript(name, ["s6-supervise"]),
    transcript(name, svCommand("supervise")),
  ]);
  return { s6, other };
}

for (const [index, name] of names.entries()) {
  Deno.test({
    name: `scenario ${name}: ${description(name)}`,
    // All scenarios run at once, so what one starts another one's test may see.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const [result] = await comparisons[index] ?? [];
      if (result === undefined) throw new Error(`Scenario ${name} was not run`);
      if (result.status === "rejected") throw result.reason;
      const { s6, other } = result.value;
      const expected = isSv ? await expectedDifferences(name) : [];
      const found = compareTranscripts(s6, other);
      assertEquals(
        formatDifferences(found),
        formatDifferences(expected),
        `Reproduce it with:\n  tests/interop/scenario.sh ${name} s6-supervise\n` +
          `  tests/interop/scenario.sh ${name} ${svCommand("supervise").join(" ")}\n` +
          `Under s6-supervise:\n${s6}`,
      );
    },
  });
}

async function transcript(name: string, supervisor: readonly string[]): Promise<string> {
  await using place = await temporaryDirectory();
  const { code, stdout, stderr } = await run(
    [`${here}scenario.sh`, name, ...supervisor],
    { env: { TMPDIR: place.path }, deadline: 60_000 },
  );
  // The end of the script shows in the transcript too: giving up early is a difference.
  return code === 0 ? stdout : `${stdout}${stderr}exit ${code}\n`;
}

async function expectedDifferences(name: string) {
  try {
    return parseDifferences(await Deno.readTextFile(`${here}scenarios/${name}/differences`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The first sentence of the comment at the head of the steps. */
function description(name: string): string {
  const head: string[] = [];
  for (const line of Deno.readTextFileSync(`${here}scenarios/${name}/steps`).split("\n")) {
    if (!line.startsWith("#")) break;
    head.push(line.slice(2));
  }
  return head.join(" ").replace(/\. .*|\.$/, "");
}
