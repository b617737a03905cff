import { assertEquals } from "@std/assert";
import { formatMilliseconds } from "../../../lib/rc/report/milliseconds.ts";

for (
  const [milliseconds, text] of [
    [0, "0.0 ms"],
    [9.94, "9.9 ms"],
    [9.95, "10 ms"],
    [994, "994 ms"],
    [1_000, "1.00 s"],
    [9_940, "9.94 s"],
    [9_980, "10.0 s"],
    [12_345, "12.3 s"],
  ] as const
) {
  Deno.test(`${milliseconds} ms are shown as ${text}`, () => {
    assertEquals(formatMilliseconds(milliseconds), text);
  });
}
