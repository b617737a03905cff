/**
 * `sv rc check` refuses what s6-rc-compile 0.7.0.0 refused when that was recorded, and nothing else; where
 * s6-rc-compile is installed, it is asked again.
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { checkDefinitions } from "../../../lib/rc/definitions/check.ts";
import { readSources } from "../../../lib/rc/definitions/source.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { cases, makeSource, STRICTER } from "./mistakes.ts";

for (const { what, refused, entries } of cases) {
  Deno.test(`sv rc check ${refused ? "refuses" : "takes"} what s6-rc-compile does: ${what}`, async () => {
    await using place = await temporaryDirectory("sv-rc-test-");
    const source = join(place.path, "source");
    await makeSource(source, entries);
    const { definitions, faults } = readSources([source]);
    const errors = [...faults, ...checkDefinitions(definitions)]
      .filter(({ severity }) => severity === "error").map(({ message }) => message);
    assertEquals(errors.length > 0, refused || STRICTER.includes(what), errors.join("\n"));
    for (const message of errors) assertEquals(message.includes("\n"), false, message);
  });
}

testNeeding(
  [missingPrograms("s6-rc-compile")],
  "s6-rc-compile refuses what it is recorded to refuse",
  async () => {
    const found: string[] = [];
    for (const { what, refused, entries } of cases) {
      await using place = await temporaryDirectory("sv-rc-test-");
      const source = join(place.path, "source");
      await makeSource(source, entries);
      const { code } = await run(["s6-rc-compile", "-v0", join(place.path, "compiled"), source]);
      if ((code !== 0) !== refused) found.push(`${what}: ${code}`);
    }
    assertEquals(found, []);
  },
);
