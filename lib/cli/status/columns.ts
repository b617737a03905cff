import { millisecondsBetween } from "../../explain/deaths.ts";
import type { Facts } from "../../explain/facts.ts";
import { STATES, type Tone } from "../../explain/states.ts";
import { count, duration } from "../../explain/words.ts";
import { oneLine } from "../one_line.ts";
import { runitLine } from "./runit_line.ts";
import { isRunning, type Report } from "./report.ts";
import { type Color, colored, type Column, drawTable, type Layout, wrap } from "./table.ts";

/** The colour in which a state is shown, by what it asks of the reader. */
const COLORS: Readonly<Record<Tone, Color>> = {
  good: "green",
  busy: "yellow",
  bad: "red",
  off: "dim",
};

/** Processor time in /proc is counted in hundredths of a second. */
const MILLISECONDS_PER_TICK = 10;

/** So many lines has the reason of a service that needs somebody, or patience. */
const MOST_LINES = 4;

/** Returns how long ago a service went up or down; undefined where that is not known. */
export function since({ facts: { now, status } }: Report): number | undefined {
  return status === undefined || status.stamp === 0n
    ? undefined
    : millisecondsBetween(status.stamp, now);
}

/** Returns how long it took to become ready; undefined where it is not ready. */
export function readyAfter(report: Report): number | undefined {
  const { status } = report.facts;
  return status?.ready
    ? Math.max(millisecondsBetween(status.stamp, status.readyStamp), 0)
    : undefined;
}

/** Returns the memory that a service has in use, in bytes. */
export function memory({ processes }: Report): number {
  return processes.reduce((sum, { memory }) => sum + memory, 0);
}

/** Returns the processor time that the processes of a service have used, in milliseconds. */
export function processorTime({ processes }: Report): number {
  return processes.reduce((sum, { ticks }) => sum + ticks, 0) * MILLISECONDS_PER_TICK;
}

/** Returns a number of bytes as a person says it. */
export function bytes(number: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let rest = number;
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${rest < 10 && unit > 0 ? rest.toFixed(1) : Math.round(rest)} ${units[unit]}`;
}

function said(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "" : duration(milliseconds);
}

/** Returns why a service is as it is, as a table shows it. */
export function why({ explanation: { next, reason, state } }: Pick<Report, "explanation">): string {
  return next === "" || STATES[state].tone === "off" ? reason : `${reason}; ${next}`;
}

/** Returns when an instant was, on this machine's clock: the time of today, else the date. */
export function clockTime(instant: bigint, now: bigint): string {
  const date = new Date(Number(instant / 1_000_000n));
  const two = (number: number) => String(number).padStart(2, "0");
  return now - instant < 86_400_000_000_000n
    ? [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")
    : [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join("-");
}

/** Returns a reason without the duration with which it begins: what stays true as time passes. */
function lasting(reason: string): string {
  return reason.replace(/^(?:ready|up|down) for [^,:;]*[,:] /, "");
}

/** Returns the colour of a service's state. */
export function colorOf({ explanation: { state } }: Pick<Report, "explanation">): Color {
  return COLORS[STATES[state].tone];
}

/** Whether nobody has to do anything about a service, or to be patient. */
function isQuiet({ explanation: { state } }: Report): boolean {
  const { tone } = STATES[state];
  return tone === "good" || tone === "off";
}

const NAME: Column<Report> = {
  heading: "NAME",
  text: ({ service }) => service.name,
  color: () => "bold",
};
const STATE: Column<Report> = {
  heading: "STATE",
  text: ({ explanation }) => explanation.state,
  color: colorOf,
};
const SINCE: Column<Report> = {
  heading: "SINCE",
  text: (report) => said(since(report)),
  right: true,
  importance: 6,
};
const OF_PROCESSES: readonly Column<Report>[] = [
  {
    heading: "MEMORY",
    text: (report) => report.processes.length === 0 ? "" : bytes(memory(report)),
    right: true,
    importance: 2,
  },
  {
    heading: "CPU",
    text: (report) => report.processes.length === 0 ? "" : duration(processorTime(report)),
    right: true,
    importance: 1,
  },
];
const OTHERS: readonly Column<Report>[] = [
  {
    heading: "READY AFTER",
    text: (report) => said(readyAfter(report)),
    right: true,
    importance: 3,
  },
  {
    heading: "PID",
    text: (report) => isRunning(report) ? String(report.facts.status!.pid) : "",
    right: true,
    importance: 5,
  },
  {
    heading: "DIED",
    text: ({ facts: { deaths } }) => deaths.length === 0 ? "" : String(deaths.length),
    right: true,
    importance: 4,
  },
  ...OF_PROCESSES,
];
const WHY: Column<Report> = {
  heading: "WHY",
  text: why,
  lines: (report) => isQuiet(report) ? 1 : MOST_LINES,
};

const COLUMNS = [NAME, STATE, SINCE, ...OTHERS, WHY];

/** The columns of a table that stays on the screen: there are times, and not durations, of what lasts. */
const LIVE_COLUMNS: readonly Column<Report>[] = [
  NAME,
  STATE,
  {
    ...SINCE,
    text: ({ facts: { now, status } }) => status?.stamp ? clockTime(status.stamp, now) : "",
  },
  ...OTHERS,
  { heading: "WHY", text: (report) => isQuiet(report) ? lasting(why(report)) : why(report) },
];

/**
 * Returns a table of services, a line each; of some the reason goes on below, unless the table is live.
 *
 * @param reports The reports on them.
 * @param layout The width, and whether colours are used.
 * @param live Whether the lines stay on the screen.
 */
export function tableOf(reports: readonly Report[], layout: Layout, live = false): string[] {
  const columns = live ? LIVE_COLUMNS : COLUMNS;
  // Of thousands of services no processes are read: their columns need not be asked for.
  const hasProcesses = reports.some(({ processes }) => processes.length > 0);
  return drawTable(
    hasProcesses ? columns : columns.filter((column) => !OF_PROCESSES.includes(column)),
    reports,
    layout,
  );
}

/**
 * Returns all about one service, on some lines. The first is runit's, for scripts.
 *
 * @param report The report on the service.
 * @param logger That on its logger, where it has one.
 * @param layout The width, and whether colours are used.
 */
export function detailsOf(report: Report, logger: Report | undefined, layout: Layout): string[] {
  const { explanation: { next, reason, state }, facts, processes, service } = report;
  const log = logger === undefined ? "" : `; ${runitLine("log", logger.facts)}`;
  const color = colorOf(report);
  const [first, ...others] = wrapped(`${state}: ${oneLine(reason)}`, layout);
  return [
    oneLine(`${runitLine(service.name, facts)}${log}`),
    first!.replace(state, colored(state, color, layout)),
    ...others,
    ...next === "" ? [] : wrapped(oneLine(next), layout),
    ...processes.length === 0 ? [] : [`    ${resources(report)}`],
    ...facts.output.map((line, index) => `    | ${age(facts, index)}${oneLine(line)}`),
  ];
}

/** Returns how long ago a line was written, where that is known. */
function age({ now, outputTimes }: Facts, index: number): string {
  const time = outputTimes?.[index];
  return time === undefined ? "" : `${duration(millisecondsBetween(time, now))} ago: `;
}

function resources(report: Report): string {
  return `${count(report.processes.length, "process", "processes")}, ` +
    `${bytes(memory(report))} of memory, ${duration(processorTime(report))} of processor time`;
}

/** Breaks a text between words so that it fits, indented by four. */
export function wrapped(text: string, { width = Infinity }: Layout): string[] {
  return wrap(text, width - 4).map((line) => `    ${line}`);
}
