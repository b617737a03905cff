import { assert, assertEquals } from "@std/assert";
import { formatTai64n, packTai64n, unpackTai64n } from "../../lib/tai/tai64n.ts";
import { wallClock } from "../../lib/os/clock.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { run } from "../support/run.ts";

const VECTORS: readonly [bigint, string][] = [
  [BigInt(Date.UTC(2017, 0, 1)) * 1_000_000n, "@40000000586846a500000000"],
  [BigInt(Date.UTC(2026, 10, 21, 1, 35, 8)) * 1_000_000n + 9_269_507n, "@400000006b00f571008d7103"],
  [
    BigInt(Date.UTC(2040, 1, 29, 12, 0, 0)) * 1_000_000n + 999_999_999n,
    "@4000000083f8efe53b9ac9ff",
  ],
];

Deno.test("an instant has the label that s6 gives it", () => {
  for (const [instant, label] of VECTORS) assertEquals(formatTai64n(instant), label);
});

Deno.test("an instant survives being packed, to the nanosecond", () => {
  const view = new DataView(new ArrayBuffer(20));
  for (const [instant] of VECTORS) {
    packTai64n(instant, view, 5);
    assertEquals(unpackTai64n(view, 5), instant);
  }
});

testNeeding(
  [missingPrograms("s6-tai64n")],
  "now has the label that s6-tai64n gives it",
  async () => {
    const before = formatTai64n(wallClock());
    const { stdout } = await run(["s6-tai64n"], { stdin: "\n" });
    const after = formatTai64n(wallClock());
    const label = stdout.trim();
    assert(before <= label && label <= after, `${before} <= ${label} <= ${after}`);
  },
);
