/**
 * The text of every help, as users see it. After a change that is meant, read the difference and write
 * the texts anew: `./scripts/test --update commands/help_snapshots`.
 */
import { assertSnapshot } from "@std/testing/snapshot";
import { commands } from "../../lib/commands/registry.ts";
import { atATime } from "../support/at_a_time.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";

const calls = [[], ...commands.map(({ name }) => name.split(" "))];
let texts: readonly Promise<string>[] | undefined;

/** Returns the text of a help; all are asked for at the first call, several at a time. */
function helpOf(index: number): Promise<string> {
  texts ??= atATime(4, calls, async (words) => (await run([...sv, "help", ...words])).stdout);
  return texts[index]!;
}

calls.forEach((words, index) =>
  Deno.test({
    name: ["sv help", ...words].join(" "),
    // The others are on their way when the first test ends.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn(test) {
      await assertSnapshot(test, await helpOf(index), { serializer: (text: string) => text });
    },
  })
);
