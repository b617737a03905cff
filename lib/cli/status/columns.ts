import { millisecondsBetween } from "../../explain/deaths.ts";
import type { Facts } from "../../explain/facts.ts";
import { STATES, type Tone } from "../../explain/states.ts";
import { count, duration } from "../../explain/words.ts";
import { oneLine } from "../one_line.ts";
import { runitLine } from "./runit_line.ts";
import { isRunning, type Report } from "./report.ts";
import { type Cell, type Color, colored, drawTable, type Layout, wrap } from "./table.ts";

/** The colour in which a state is shown, by what it asks of the reader. */
export const COLORS: Readonly<Record<Tone, Color>> = {
  good: "green",
  busy: "yellow",
  bad: "red",
  off: "dim",
};

/** Processor time in /proc is counted in hundredths of a second. */
const MILLISECONDS_PER_TICK = 10;

const HEADINGS = ["NAME", "STATE", "SINCE", "READY AFTER", "PID", "DIED", "MEMORY", "CPU", "WHY"];
/** Columns that a narrow terminal has no room for, the least important first. */
const DROPPED = [7, 6, 3, 5, 4, 2];

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

/** Returns why a service is as it is, on one line. */
export function why({ explanation: { next, reason, state } }: Pick<Report, "explanation">): string {
  const { tone } = STATES[state];
  return oneLine(next === "" || tone === "off" ? reason : `${reason}; ${next}`);
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

function row(report: Report, live: boolean): Cell[] {
  const { explanation: { state }, facts, processes, service } = report;
  const { status, now } = facts;
  const died = facts.deaths.length;
  const isQuiet = ["good", "off"].includes(STATES[state].tone);
  return [
    { text: oneLine(service.name), color: "bold" },
    { text: state, color: COLORS[STATES[state].tone] },
    {
      text: !live ? said(since(report)) : status?.stamp ? clockTime(status.stamp, now) : "",
      right: true,
    },
    { text: said(readyAfter(report)), right: true },
    { text: isRunning(report) ? String(facts.status!.pid) : "", right: true },
    { text: died === 0 ? "" : String(died), right: true },
    { text: processes.length === 0 ? "" : bytes(memory(report)), right: true },
    { text: processes.length === 0 ? "" : duration(processorTime(report)), right: true },
    {
      text: live && isQuiet ? lasting(why(report)) : why(report),
      lines: live || isQuiet ? 1 : MOST_LINES,
    },
  ];
}

/**
 * Returns a table of services, a line each; of some the reason goes on below, unless the table is live.
 *
 * @param reports The reports on them.
 * @param layout The width, and whether colours are used.
 * @param live Whether the lines stay on the screen: then there are times, and not durations, of what lasts.
 */
export function tableOf(reports: readonly Report[], layout: Layout, live = false): string[] {
  const rights = [2, 3, 4, 5, 6, 7];
  const headings = HEADINGS.map((text, column): Cell => ({
    text,
    right: rights.includes(column),
    color: "dim",
  }));
  return drawTable([headings, ...reports.map((report) => row(report, live))], layout, DROPPED);
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
  const color = COLORS[STATES[state].tone];
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
