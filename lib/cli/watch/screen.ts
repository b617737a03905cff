import { STATES } from "../../explain/states.ts";
import { count } from "../../explain/words.ts";
import { oneLine } from "../one_line.ts";
import { detailsOf, tableOf } from "../status/columns.ts";
import type { Report } from "../status/report.ts";
import { colored, cut, type Layout } from "../status/table.ts";
import type { LiveService } from "./live_services.ts";
import type { View } from "./view.ts";

/** A narrow terminal cuts what comes last. */
const KEYS = "q quit  ↑↓ select  ⏎ details  l output  r restart  u start  d stop  / filter  s sort";

/** Lines that are no services: the summary, the headings, and the last line. */
const OTHER_LINES = 3;

/** How large the terminal is. */
export interface ScreenSize extends Layout {
  readonly width: number;
  readonly height: number;
}

/** Returns how many services fit on a screen. */
export function pageOf({ height }: ScreenSize): number {
  return Math.max(height - OTHER_LINES, 1);
}

/** Returns how many lines of a service's output are shown: at most half of the screen. */
export function outputLinesOf({ height }: ScreenSize): number {
  return Math.max(Math.floor(height / 2) - 2, 1);
}

/** Draws the last lines of the output of a service. */
function outputOf({ facts: { output }, service }: Report, size: ScreenSize): string[] {
  const name = oneLine(service.name);
  return output.length === 0
    ? [
      cut(
        `nothing is known of what ${name} prints: it has no log, and no file of its own`,
        size.width,
      ),
    ]
    : [
      colored(cut(`the last lines that ${name} has printed:`, size.width), "dim", size),
      ...output.map((line) => cut(oneLine(line), size.width)),
    ];
}

function asReport({ explanation, facts, service }: LiveService): Report {
  return { explanation, facts, service, processes: [] };
}

function summary(all: readonly LiveService[], shown: number, view: View, what: string): string {
  const asking = all.filter(({ explanation }) => STATES[explanation.state].tone === "bad").length;
  const busy = all.filter(({ explanation }) => STATES[explanation.state].tone === "busy").length;
  return [
    `${what}: ${count(all.length, "service")}`,
    asking === 0 ? "" : `${asking} in trouble`,
    busy === 0 ? "" : `${busy} on the way`,
    view.filter === "" ? "" : `${shown} with "${view.filter}"`,
  ].filter((part) => part !== "").join(", ");
}

function lastLine({ asked, filter, message, typing }: View): string {
  if (typing) return `filter: ${filter}█`;
  if (asked !== undefined) return `${asked.verb} ${asked.name}? y/n`;
  return message === "" ? KEYS : message;
}

/**
 * Draws the screen.
 *
 * @param all All services.
 * @param shown Those that are shown, in their order.
 * @param view What is shown.
 * @param size The size of the terminal.
 * @param what What is watched.
 * @param details The report on the selected service, where all about it is shown, or its output.
 * @returns A line for each line of the terminal.
 */
export function drawScreen(
  all: readonly LiveService[],
  shown: readonly LiveService[],
  view: View,
  size: ScreenSize,
  what: string,
  details?: Report,
): string[] {
  const below = details === undefined ? [] : [
    "",
    ...view.output ? outputOf(details, size) : detailsOf(details, undefined, size),
  ];
  const page = Math.max(pageOf(size) - below.length, 1);
  const selected = shown.findIndex(({ service }) => service.name === view.selected);
  const top = Math.max(Math.min(selected - Math.floor(page / 2), shown.length - page), 0);
  const reports = shown.slice(top, top + page).map(asReport);
  const lines = tableOf(reports, size, true);
  if (selected >= 0) {
    const at = selected - top + 1;
    const plain = tableOf(reports, { ...size, colors: false }, true)[at]!;
    // Reverse video, so that the selection shows without colours, too.
    lines[at] = `\x1b[7m${plain.padEnd(size.width)}\x1b[m`;
  }
  const body = [...lines, ...below].slice(0, size.height - 2);
  const rest = Array.from({ length: Math.max(size.height - 2 - body.length, 0) }, () => "");
  return [
    colored(cut(oneLine(summary(all, shown.length, view, what)), size.width), "bold", size),
    ...body,
    ...rest,
    colored(cut(oneLine(lastLine(view)), size.width), "dim", size),
  ];
}

/**
 * Returns what a terminal has to be sent so that it shows other lines: only those that differ are drawn.
 *
 * @param before The lines that it shows; empty: not known.
 * @param after The lines that it is to show.
 */
export function changesOnScreen(before: readonly string[], after: readonly string[]): string {
  const changed = after.flatMap((line, index) =>
    before[index] === line ? [] : [`\x1b[${index + 1};1H${line}\x1b[K`]
  );
  return before.length === after.length ? changed.join("") : `\x1b[2J${changed.join("")}`;
}
