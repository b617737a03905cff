import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { criticalPath } from "../../../lib/rc/report/critical_path.ts";
import { advice, plotStart } from "../../../lib/rc/report/plot.ts";
import { diamond, start } from "./example_start.ts";

Deno.test("the advice says what to make faster, and what was never ready", () => {
  assertEquals(advice(diamond, criticalPath(diamond)), [
    "Critical path: a → slow → d",
    "Worth making faster: slow (300 ms, can save 250 ms), a (100 ms, can save 100 ms), " +
    "d (100 ms, can save 100 ms)",
    "Never ready: broken",
  ]);
});

/** Returns the numbers that an attribute has in all elements of a kind. */
function attributes(svg: string, element: string, attribute: string): number[] {
  return [...svg.matchAll(new RegExp(`<${element} [^>]*?\\b${attribute}="([-\\d.]+)"`, "g"))]
    .map(([, number]) => Number(number));
}

Deno.test("a plot has a bar for each service, and nothing outside of the picture", () => {
  for (const count of [1, 5, 40, 41, 200]) {
    const services = Array.from({ length: count }, (_, index) =>
      start(
        `service-${index}-${"x".repeat(index % 30)}`,
        index % 3 > 0 ? [`service-${index - 1}-${"x".repeat((index - 1) % 30)}`] : [],
        index,
        index + 10 + (index * 37) % 100,
      ));
    const svg = plotStart({ date: 0, services });
    assertEquals(svg.match(/<g>/g)?.length, count);
    const [height] = attributes(svg, "svg", "height");
    for (const y of attributes(svg, "text", "y")) assert(y > 0 && y < height!);
    for (const x of attributes(svg, "text", "x")) assert(x >= 0 && x <= 1000);
    for (const size of attributes(svg, "text", "font-size")) assert(size >= 10);
    const rows = attributes(svg.replaceAll(/.*fill="#f.f.f.".*/g, ""), "rect", "y");
    assertEquals(new Set(rows).size, rows.length);
  }
});

Deno.test("a plot is well-formed, whatever the names", () => {
  const svg = plotStart({ date: 0, services: [start('<&"\u0001>', [], 0, 5)] });
  assertStringIncludes(svg, "&#60;&#38;&#34;&#65533;&#62;");
  assertMatch(svg, /^<svg [^]*<\/svg>\n$/);
});

Deno.test("a start of nothing that got ready is drawn, too", () => {
  assertMatch(plotStart({ date: 0, services: [start("a", [], 0)] }), /never ready/);
});
