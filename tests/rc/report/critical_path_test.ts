import { assertEquals } from "@std/assert";
import { criticalPath } from "../../../lib/rc/report/critical_path.ts";
import { diamond } from "./example_start.ts";

Deno.test("the critical path is the chain that each held up the next", () => {
  const { path, total } = criticalPath(diamond);
  assertEquals(path, ["a", "slow", "d"]);
  assertEquals(total, 500);
});

Deno.test("what can be saved is limited by the next longest chain", () => {
  const { gains } = criticalPath(diamond);
  assertEquals(gains, [
    { name: "slow", duration: 300, gain: 250 },
    { name: "a", duration: 100, gain: 100 },
    { name: "d", duration: 100, gain: 100 },
  ]);
});
