import { assertEquals } from "@std/assert";
import { count, duration, howItDied, list } from "../../lib/explain/words.ts";

Deno.test("a duration has two units at most", () => {
  const said = [
    -5,
    0,
    3.4,
    999,
    1000,
    1040,
    9900,
    9960,
    59_499,
    59_500,
    90_000,
    3_600_000,
    9e7,
    1e9,
  ]
    .map(duration);
  assertEquals(said, [
    "0 ms",
    "0 ms",
    "3 ms",
    "999 ms",
    "1 s",
    "1 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 min",
    "1 min 30 s",
    "1 h",
    "1 d 1 h",
    "11 d 13 h",
  ]);
});

Deno.test("a death is by its exit code or its signal", () => {
  assertEquals(howItDied({ exitCode: 3, signal: 0 }), "with exit code 3");
  assertEquals(howItDied({ exitCode: 137, signal: 9 }), "by SIGKILL");
});

Deno.test("numbers and lists are said in words", () => {
  assertEquals([count(1, "check"), count(2, "check"), count(0, "process", "processes")], [
    "1 check",
    "2 checks",
    "0 processes",
  ]);
  assertEquals(
    [[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d", "e"]].map((names) => list(names)),
    ["", "a", "a and b", "a, b and c", "a, b, c and 2 more"],
  );
});
