import { assertEquals } from "@std/assert";
import { findCycles } from "../../../lib/rc/definitions/cycle.ts";

Deno.test("cycles are found in a chain that is longer than the stack is deep", () => {
  const length = 100_000;
  const nodes = Array.from({ length }, (_, index) => index);
  assertEquals(findCycles(nodes, (node) => node + 1 < length ? [node + 1] : []), []);
  const [cycle] = findCycles(nodes, (node) => [(node + 1) % length]);
  assertEquals(cycle?.length, length);
});

Deno.test("of nodes that can all reach each other one cycle is found", () => {
  const next: Record<string, string[]> = {
    a: ["b"],
    b: ["c", "a"],
    c: ["a"],
    d: ["a", "e"],
    e: ["e"],
  };
  assertEquals(findCycles(Object.keys(next), (node) => next[node]!), [["a", "b", "c"], ["e"]]);
});
