import { assertEquals } from "@std/assert";
import { type Column, drawTable, type Layout } from "../../../lib/cli/status/table.ts";

type Row = readonly string[];

/** Draws a table of some rows of texts, the headings first. */
function draw(
  [headings, ...rows]: readonly [Row, ...Row[]],
  layout: Layout,
  options: readonly Partial<Column<Row>>[] = [],
): string[] {
  const columns = headings.map((heading, at): Column<Row> => ({
    heading,
    text: (row) => row[at]!,
    ...options[at],
  }));
  return drawTable(columns, rows, layout);
}

const plain = { width: undefined, colors: false };

Deno.test("columns are as wide as their widest cell, in characters", () => {
  assertEquals(draw([["NAME", "WHY"], ["wéb", "none"], ["database", "died"]], plain), [
    "NAME      WHY",
    "wéb       none",
    "database  died",
  ]);
});

Deno.test("a character of two units takes one column", () => {
  assertEquals(draw([["NAME", "WHY"], ["a🚀b", "none"], ["abcd", "died"]], plain), [
    "NAME  WHY",
    "a🚀b   none",
    "abcd  died",
  ]);
});

Deno.test("what others have written stays on its line", () => {
  assertEquals(draw([["NAME", "WHY"], ["w\x1b[2Jeb", "died\n"], ["db", "ready"]], plain), [
    "NAME     WHY",
    "w [2Jeb  died",
    "db       ready",
  ]);
});

Deno.test("numbers are lined up at their right end", () => {
  const rows: [Row, ...Row[]] = [["PID", "A"], ["7", "x"], ["1234", "x"]];
  assertEquals(draw(rows, plain, [{ right: true }]), [" PID  A", "   7  x", "1234  x"]);
});

Deno.test("a column without a content is left out", () => {
  assertEquals(draw([["A", "B", "C"], ["1", "", "3"]], plain), ["A  C", "1  3"]);
});

Deno.test("a table without rows has headings", () => {
  assertEquals(draw([["A", "B"]], plain), ["A  B"]);
});

Deno.test("in a narrow terminal columns are dropped, the least important first, and the last one is cut", () => {
  const rows: [Row, Row] = [["NAME", "PID", "WHY"], ["web", "12", "x".repeat(40)]];
  const options = [{}, { importance: 1 }];
  assertEquals(draw(rows, { width: 35, colors: false }, options), [
    "NAME  PID  WHY",
    `web   12   ${"x".repeat(23)}…`,
  ]);
  assertEquals(draw(rows, { width: 30, colors: false }, options), [
    "NAME  WHY",
    `web   ${"x".repeat(23)}…`,
  ]);
  const four: [Row, Row] = [["A", "B", "C", "WHY"], ["1", "2", "3", "x".repeat(40)]];
  const order = [{}, { importance: 2 }, { importance: 1 }];
  const headings = (width: number) => draw(four, { width, colors: false }, order)[0];
  assertEquals([33, 32, 29, 10].map(headings), ["A  B  C  WHY", "A  B  WHY", "A  WHY", "A  WHY"]);
});

Deno.test("a last cell goes on below, between words, as far as it may", () => {
  const text = "one two three four five six seven eight nine ten eleven twelve";
  const wide = (most: number, width: number, why = text) =>
    draw([["NAME", "WHY"], ["web", why]], { width, colors: false }, [{}, { lines: () => most }]);
  assertEquals(wide(3, 66), [
    "NAME  WHY",
    "web   one two three four five six seven eight nine ten eleven",
    "      twelve",
  ]);
  assertEquals(wide(2, 36), [
    "NAME  WHY",
    "web",
    "    one two three four five six",
    "    seven eight nine ten eleven twe…",
  ]);
  assertEquals(wide(2, 36, "none"), ["NAME  WHY", "web   none"]);
});

Deno.test("colours take no room, and headings are dim", () => {
  const green = { color: () => "green" as const };
  assertEquals(draw([["STATE", "WHY"], ["up", "y"]], { width: undefined, colors: true }, [green]), [
    "\x1b[2mSTATE\x1b[m  \x1b[2mWHY\x1b[m",
    "\x1b[32mup\x1b[m     y",
  ]);
});
