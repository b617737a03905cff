import { UsageError } from "../../options/usage_error.ts";
import type { Instant } from "../../tai/tai64n.ts";
import { type ClockTime, readTai64n } from "./stamps.ts";

const SECOND = 1_000_000_000n;

const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  h: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
  w: 604_800,
  week: 604_800,
};

/** The clock of this machine. */
export interface Clock {
  readonly now: Instant;
  /** Returns an instant as this machine's clock shows it. */
  readonly show: (seconds: number) => ClockTime;
  /** Returns the seconds of UTC since 1970 at which it shows a time. */
  readonly secondsOf: (time: ClockTime) => number;
}

/** Reads `5 min`, `-2h30m`, `1 day ago` as nanoseconds. */
function parseDuration(text: string): Instant | undefined {
  const plain = text.replace(/^-/, "").replace(/ ?ago$/, "").trim();
  if (!/^(\d+(\.\d+)? ?[a-z]+ ?)+$/.test(plain)) return undefined;
  let milliseconds = 0;
  for (const [, number, name] of plain.matchAll(/(\d+(?:\.\d+)?) ?([a-z]+)/g)) {
    const unit = UNITS[name!] ?? UNITS[name!.replace(/s$/, "")];
    if (unit === undefined) return undefined;
    milliseconds += Number(number) * unit * 1000;
  }
  return BigInt(Math.round(milliseconds)) * 1_000_000n;
}

const DATE_AND_TIME =
  /^(?:(today|yesterday|\d{4}-\d\d-\d\d))?(?:(?:^|[ T_])(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/;

function parseDate(text: string, clock: Clock): Instant | undefined {
  const found = DATE_AND_TIME.exec(text);
  if (found === null || text === "") return undefined;
  const [, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = found;
  if (day === undefined && found[2] === undefined) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const offset = zone === undefined ? undefined : offsetOf(zone);
  const nowSeconds = Number(clock.now / SECOND);
  const today = offset === undefined
    ? clock.show(nowSeconds)
    : dateParts(new Date((nowSeconds + offset) * 1000));
  const [year, month, dayOfMonth] = day === undefined || day === "today" || day === "yesterday"
    ? [today.year, today.month, today.day - (day === "yesterday" ? 1 : 0)]
    : day.split("-").map(Number) as [number, number, number];
  if (month < 1 || month > 12 || dayOfMonth > 31) return undefined;
  const time = {
    year,
    month,
    day: dayOfMonth,
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
  };
  const seconds = offset === undefined
    ? clock.secondsOf(time)
    : Date.UTC(year, month - 1, dayOfMonth, time.hour, time.minute, time.second) / 1000 - offset;
  return BigInt(seconds) * SECOND + BigInt(fraction.padEnd(9, "0"));
}

function offsetOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

function dateParts(date: Date) {
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/**
 * Reads a time that a user has written.
 *
 * @param text The time.
 * @param option The option that it was given to, for the error.
 * @param clock The clock of this machine.
 * @throws {UsageError} when it is none.
 */
export function parseTime(text: string, option: string, clock: Clock): Instant {
  if (text === "now") return clock.now;
  const stamp = text.length === 25
    ? readTai64n(Uint8Array.from(text, (character) => character.charCodeAt(0)))
    : undefined;
  if (stamp !== undefined) return stamp;
  const [, seconds, fraction = ""] = /^@(\d{1,12})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  if (seconds !== undefined) return BigInt(seconds) * SECOND + BigInt(fraction.padEnd(9, "0"));
  const ago = parseDuration(text);
  if (ago !== undefined) return clock.now - ago;
  const date = parseDate(text, clock);
  if (date !== undefined) return date;
  throw new UsageError(
    `option ${option} takes a time such as '2026-11-21 20:05', '20:05', 'yesterday', '10 min' (ago) ` +
      `or '@' and a stamp, not '${text}'`,
  );
}
