import type { Result, Row } from "./row.ts";

function number(value: number, unit: string): string {
  const digits = unit === "ms" || unit === "MiB" ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`.trim();
}

/** Returns whether a result is within its budget; empty where there is none for this reference. */
function verdict({ budget, unit }: Row, result: Result, first: Result): string {
  if (budget === undefined || result.against !== first.against) return "";
  const within = budget === 0 ? result.value === 0 : result.value <= budget * result.reference;
  const limit = budget === 0 ? number(0, unit) : `${budget} ×`;
  return `≤ ${limit} ${within ? "✓" : "✗"}`;
}

/** Returns the lines of a row: one for each pair that was compared. */
export function lines(row: Row, results: readonly Result[]): string[][] {
  return results.map((result) => [
    row.name,
    result.sv,
    number(result.value, row.unit),
    result.against,
    number(result.reference, row.unit),
    result.reference === 0 ? "" : `${(result.value / result.reference).toFixed(2)} ×`,
    verdict(row, result, results[0]!),
  ]);
}

const HEAD = ["what", "sv", "", "against", "", "ratio", "budget"];

/** Returns a table in Markdown. */
export function table(content: readonly string[][]): string {
  const cells = [HEAD, HEAD.map(() => "-"), ...content];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells.map((line, index) => {
    const padded = line.map((cell, column) =>
      cell.padEnd(widths[column]!, index === 1 ? "-" : " ")
    );
    return `| ${padded.join(" | ")} |`;
  }).join("\n");
}
