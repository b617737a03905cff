import { STATES } from "../../explain/states.ts";
import { duration, list } from "../../explain/words.ts";
import { oneLine } from "../one_line.ts";
import { colorOf, why, wrapped } from "../status/columns.ts";
import { isRunning } from "../status/report.ts";
import { colored, type Column, drawTable, type Layout } from "../status/table.ts";
import type { RcReport } from "./rc_report.ts";

/** How many names a line about dependencies has. */
const MOST_NAMES = 10;

function pidOf({ supervised }: RcReport): string {
  return supervised !== undefined && isRunning(supervised)
    ? String(supervised.facts.status!.pid)
    : "";
}

const COLUMNS: readonly Column<RcReport>[] = [
  { heading: "NAME", text: ({ name }) => name, color: () => "bold" },
  { heading: "TYPE", text: ({ type }) => type, importance: 4 },
  { heading: "STATE", text: ({ explanation }) => explanation.state, color: colorOf },
  {
    heading: "SINCE",
    text: ({ since }) => since === undefined ? "" : duration(since),
    right: true,
    importance: 3,
  },
  { heading: "PID", text: pidOf, right: true, importance: 2 },
  {
    heading: "DIED",
    text: ({ supervised }) => String(supervised?.facts.deaths.length || ""),
    right: true,
    importance: 1,
  },
  { heading: "WHY", text: why },
];

/** Returns a table of services of a live directory, the most urgent first. */
export function rcTable(reports: readonly RcReport[], layout: Layout): string[] {
  const sorted = reports.toSorted((a, b) =>
    STATES[b.explanation.state].urgency - STATES[a.explanation.state].urgency ||
    (a.name < b.name ? -1 : 1)
  );
  return drawTable(COLUMNS, sorted, layout);
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
