import { assertEquals } from "@std/assert";
import { type Cell, drawTable } from "../../../lib/cli/status/table.ts";

const cells = (...texts: string[]): Cell[] => texts.map((text) => ({ text }));
const plain = { width: undefined, colors: false };

Deno.test("columns are as wide as their widest cell, in characters", () => {
  const rows = [cells("NAME", "WHY"), cells("wéb", "none"), cells("database", "died")];
  assertEquals(drawTable(rows, plain), [
    "NAME      WHY",
    "wéb       none",
    "database  died",
  ]);
});

Deno.test("numbers are lined up at their right end", () => {
  const rows = ["PID", "7", "1234"].map((text) => [{ text, right: true }, { text: "x" }]);
  assertEquals(drawTable(rows, plain), [" PID  x", "   7  x", "1234  x"]);
});

Deno.test("a column without a content is left out", () => {
  assertEquals(drawTable([cells("A", "B", "C"), cells("1", "", "3")], plain), ["A  C", "1  3"]);
});

Deno.test("in a narrow terminal columns are dropped, and the last one is cut", () => {
  const rows = [cells("NAME", "PID", "WHY"), cells("web", "12", "x".repeat(40))];
  assertEquals(drawTable(rows, { width: 35, colors: false }, [1]), [
    "NAME  PID  WHY",
    `web   12   ${"x".repeat(23)}…`,
  ]);
  assertEquals(drawTable(rows, { width: 30, colors: false }, [1]), [
    "NAME  WHY",
    `web   ${"x".repeat(23)}…`,
  ]);
});

Deno.test("a last cell goes on below, between words, as far as it may", () => {
  const text = "one two three four five six seven eight nine ten eleven twelve";
  const rows = (lines: number) => [cells("NAME", "WHY"), [{ text: "web" }, { text, lines }]];
  assertEquals(drawTable(rows(3), { width: 66, colors: false }), [
    "NAME  WHY",
    "web   one two three four five six seven eight nine ten eleven",
    "      twelve",
  ]);
  assertEquals(drawTable(rows(2), { width: 36, colors: false }), [
    "NAME  WHY",
    "web",
    "    one two three four five six",
    "    seven eight nine ten eleven twe…",
  ]);
  assertEquals(drawTable([rows(2)[0]!, cells("web", "none")], { width: 36, colors: false }), [
    "NAME  WHY",
    "web   none",
  ]);
});

Deno.test("colours take no room", () => {
  const rows = [cells("STATE", "WHY"), [{ text: "up", color: "green" as const }, { text: "y" }]];
  assertEquals(drawTable(rows, { width: undefined, colors: true }), [
    "STATE  WHY",
    "\x1b[32mup\x1b[m     y",
  ]);
});
