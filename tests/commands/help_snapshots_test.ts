/**
 * The text of every help, as users see it. After a change that is meant, read the difference and write
 * the texts anew: `./scripts/test --update commands/help_snapshots`.
 */
import { assertSnapshot } from "@std/testing/snapshot";
import { commands } from "../../lib/commands/registry.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";

for (const words of [[], ...commands.map(({ name }) => name.split(" "))]) {
  Deno.test(["sv help", ...words].join(" "), async (test) => {
    const { stdout } = await run([...sv, "help", ...words]);
    await assertSnapshot(test, stdout, { serializer: (text: string) => text });
  });
}
