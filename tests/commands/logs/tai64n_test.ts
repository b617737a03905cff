/** `sv tai64n` beside s6's own. */
import { assert, assertEquals } from "@std/assert";
import { formatTai64n } from "../../../lib/tai/tai64n.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { svCommand } from "../../support/program.ts";
import { type Random, seeded } from "../../support/random.ts";
import { run } from "../../support/run.ts";
import { filter } from "./filter.ts";

const needs = [missingPrograms("s6-tai64n")];

/** Returns lines with stars for their stamps. */
const withoutStamps = (text: string) => text.replaceAll(/^@4[0-9a-f]{23} /gm, "* ");

function text(random: Random): string {
  const lines = Array.from(
    { length: random.below(20) },
    () => random.pick(["", "x", "\0", "é", "\r", "y".repeat(random.below(200_000))]),
  );
  return lines.join("\n") + random.pick(["", "\n", "z"]);
}

testNeeding(
  needs,
  "sv tai64n writes what s6-tai64n does, but for the time",
  seeded(1, async (random) => {
    for (const stdin of ["", "x", "\n", ...Array.from({ length: 10 }, () => text(random))]) {
      const [ours, theirs] = await Promise.all([
        filter(svCommand("tai64n"), stdin),
        filter(["s6-tai64n"], stdin),
      ]);
      // Not assertEquals: it takes minutes to tell the difference of long lines.
      assert(withoutStamps(ours.stdout) === withoutStamps(theirs.stdout), stdin.slice(0, 100));
      assertEquals([ours.code, ours.stderr], [0, ""]);
    }
  }),
);

Deno.test("sv tai64n stamps a line with the time at which it came", async () => {
  const now = () => formatTai64n(BigInt(Date.now()) * 1_000_000n);
  const before = now();
  const { stdout } = await run(svCommand("tai64n"), { stdin: "x\n" });
  const stamp = stdout.split(" ")[0]!;
  assert(stamp >= before);
  assert(stamp <= formatTai64n(BigInt(Date.now() + 1) * 1_000_000n));
});
