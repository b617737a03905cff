import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { atATime } from "../support/at_a_time.ts";
import { DEADLINE } from "../support/deadline.ts";
import { missingPrograms, needing } from "../support/needs.ts";
import { sv, svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { compareTranscripts, formatDifferences, parseDifferences } from "./transcript.ts";

const here = fromFileUrl(new URL(".", import.meta.url));

/** How many scenarios run at a time: most of each is waiting. */
const AT_A_TIME = 6;

/** Scenarios that are about the same program. */
export interface Scenarios {
  /** The directory that they are in. */
  readonly directory: string;
  /** What `scenario.sh` wants before the name of a scenario. */
  readonly prefix: string;
  /** The command line of s6's own program. */
  readonly reference: readonly string[];
  /** The command of the program under test, as after `sv`. */
  readonly command: string;
}

interface Comparison {
  readonly s6: string;
  readonly other: string;
}

/**
 * Registers a test for each scenario: what an observer sees under s6 and under `sv` is the same, but for
 * the differences in the scenario's file `differences`.
 */
export function testScenarios({ directory, prefix, reference, command }: Scenarios): void {
  const root = `${here}${directory}/`;
  const names = [...Deno.readDirSync(root)].filter((entry) => entry.isDirectory)
    .map(({ name }) => name).sort();
  const tested = svCommand(command);
  const missing = [missingPrograms(...reference, "s6-svc", "s6-svscanctl")];
  // With SV_BIN=/usr/bin/s6-…, s6 is compared to itself, and nothing may differ: that tests the scenarios.
  const isSv = tested.length === sv.length + 1;
  let comparisons: Promise<PromiseSettledResult<Comparison>[]>[] = [];

  const compare = async (name: string): Promise<Comparison> => {
    const [s6, other] = await Promise.all([
      transcript(prefix + name, reference),
      transcript(prefix + name, tested),
    ]);
    return { s6, other };
  };

  // All scenarios are started here, several at a time; each test waits for its own.
  Deno.test.beforeAll(() => {
    if (missing.some((reason) => reason !== undefined)) return;
    comparisons = atATime(AT_A_TIME, names, (name) => Promise.allSettled([compare(name)]));
  });

  Deno.test.afterAll(async () => {
    await Promise.all(comparisons);
  });

  for (const [index, name] of names.entries()) {
    Deno.test({
      ...needing(missing, `scenario ${prefix}${name}: ${description(`${root}${name}/steps`)}`),
      // Several scenarios run at once: a test may see what another one has started.
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const [result] = await comparisons[index] ?? [];
        if (result === undefined) throw new Error(`Scenario ${name} was not run`);
        if (result.status === "rejected") throw result.reason;
        const { s6, other } = result.value;
        const expected = isSv ? await expectedDifferences(`${root}${name}/differences`) : [];
        const found = compareTranscripts(s6, other);
        assertEquals(
          formatDifferences(found),
          formatDifferences(expected),
          `Reproduce it with:\n  tests/interop/scenario.sh ${prefix}${name} ${
            reference.join(" ")
          }\n  tests/interop/scenario.sh ${prefix}${name} ${tested.join(" ")}\n` +
            `Under ${reference.join(" ")}:\n${s6}`,
        );
      },
    });
  }
}

async function transcript(name: string, supervisor: readonly string[]): Promise<string> {
  await using place = await temporaryDirectory();
  const { code, stdout, stderr } = await run(
    [`${here}scenario.sh`, name, ...supervisor],
    { env: { TMPDIR: place.path }, deadline: 2 * DEADLINE },
  );
  // A script that gives up early shows in the transcript, as a difference.
  return code === 0 ? stdout : `${stdout}${stderr}exit ${code}\n`;
}

async function expectedDifferences(file: string) {
  try {
    return parseDifferences(await Deno.readTextFile(file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Returns the first sentence of the comment at the head of the steps. */
function description(steps: string): string {
  const head: string[] = [];
  for (const line of Deno.readTextFileSync(steps).split("\n")) {
    if (!line.startsWith("#")) break;
    head.push(line.slice(2));
  }
  return head.join(" ").replace(/\. .*|\.$/, "");
}
