import { assertEquals } from "@std/assert";
import { LastLines } from "../../../lib/readiness/checks/last_lines.ts";

/** Returns what is shown of an output that comes in pieces. */
function shown(...pieces: string[]): string {
  const lines = new LastLines();
  for (const piece of pieces) lines.feed(new TextEncoder().encode(piece));
  return lines.text;
}

Deno.test("the last three lines are shown, on one, without empty ones", () => {
  assertEquals(shown(), "");
  assertEquals(shown("\n \n"), "");
  assertEquals(shown("one\n"), "one");
  assertEquals(shown("one\ntwo\n\nthr", "ee\nfour"), "two / three / four");
});

Deno.test("control characters are shown as spaces", () => {
  assertEquals(shown("\x1b[31mred\x07\tand\r\n\u2028next"), "[31mred and / next");
});

Deno.test("however much there is, a bounded part is kept", () => {
  const lines = new LastLines();
  const piece = new Uint8Array(4096).fill(0x78);
  for (let count = 0; count < 100; count++) lines.feed(piece);
  assertEquals(lines.text, "x".repeat(400));
  lines.feed(new TextEncoder().encode("\n\u{1f600}end\n"));
  assertEquals(lines.text.endsWith("/ \u{1f600}end"), true);
  assertEquals(lines.text.length, 400);
});
