import { STATES } from "../../explain/states.ts";
import { duration, list } from "../../explain/words.ts";
import { oneLine } from "../one_line.ts";
import { COLORS, why, wrapped } from "../status/columns.ts";
import { isRunning } from "../status/report.ts";
import { type Cell, colored, drawTable, type Layout } from "../status/table.ts";
import type { RcReport } from "./rc_report.ts";

const HEADINGS = ["NAME", "TYPE", "STATE", "SINCE", "PID", "DIED", "WHY"];
/** Columns that a narrow terminal has no room for, the least important first. */
const DROPPED = [5, 4, 3, 1];
const RIGHT = [3, 4, 5];

/** How many names a line about dependencies has. */
const MOST_NAMES = 10;

function colorOf({ explanation: { state } }: RcReport) {
  return COLORS[STATES[state].tone];
}

function pidOf({ supervised }: RcReport): string {
  return supervised !== undefined && isRunning(supervised)
    ? String(supervised.facts.status!.pid)
    : "";
}

/** Returns a table of services of a live directory, the most urgent first. */
export function rcTable(reports: readonly RcReport[], layout: Layout): string[] {
  const sorted = reports.toSorted((a, b) =>
    STATES[b.explanation.state].urgency - STATES[a.explanation.state].urgency ||
    (a.name < b.name ? -1 : 1)
  );
  const headings = HEADINGS.map((text, column): Cell => ({
    text,
    right: RIGHT.includes(column),
    color: "dim",
  }));
  const rows = sorted.map((report): Cell[] => [
    { text: oneLine(report.name), color: "bold" },
    { text: report.type },
    { text: report.explanation.state, color: colorOf(report) },
    { text: report.since === undefined ? "" : duration(report.since), right: true },
    { text: pidOf(report), right: true },
    { text: String(report.supervised?.facts.deaths.length || ""), right: true },
    { text: why(report) },
  ]);
  return drawTable([headings, ...rows], layout, DROPPED);
}

/**
 * Returns all about one service of a live directory, on some lines.
 *
 * @param report The report on it.
 * @param stateOf Returns the state of another service, by its name.
 * @param layout The width, and whether colours are used.
 */
export function rcDetails(
  report: RcReport,
  stateOf: (name: string) => string,
  layout: Layout,
): string[] {
  const { contents, explanation, failure, isWanted, name, needs, neededBy, supervised, type } =
    report;
  const { next, reason, state } = explanation;
  const pid = pidOf(report);
  const [first, ...others] = wrapped(`${state}: ${oneLine(reason)}`, layout);
  const named = (word: string, names: readonly string[]) =>
    names.length === 0 ? [] : wrapped(
      `${word}: ${list(names.map((name) => `${name} (${stateOf(name)})`), MOST_NAMES)}`,
      layout,
    );
  const output = supervised?.facts.output.length ? supervised.facts.output : failure?.output ?? [];
  return [
    oneLine(`${name}: ${type}, wanted ${isWanted ? "up" : "down"}`) + (pid && `, process ${pid}`),
    first!.replace(state, colored(state, colorOf(report), layout)),
    ...others,
    ...next === "" ? [] : wrapped(oneLine(next), layout),
    ...named("contains", contents),
    ...named("needs", needs),
    ...named("needed by", neededBy),
    ...output.map((line) => `    | ${oneLine(line)}`),
  ];
}
