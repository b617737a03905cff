import { libc } from "./libc.ts";

/** At least as large as `struct tm` of any C library. */
const TM_BYTES = 64;
/** Where `struct tm` has the seconds east of UTC. */
const OFFSET_AT = 40;

/** An instant by a calendar and a clock. */
export interface CalendarTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Seconds east of UTC. */
  readonly offset: number;
}

const time = new Uint8Array(8);
const timeView = new DataView(time.buffer);
const tm = new Uint8Array(TM_BYTES);
const tmView = new DataView(tm.buffer);

/**
 * Returns an instant by the calendar and the clock of this machine, as TZ or /etc/localtime say; undefined
 * where its year is too large for the C library.
 *
 * @param seconds Seconds of UTC since 1970.
 * @param utc Whether to take UTC instead.
 */
export function calendarTime(seconds: number | bigint, utc = false): CalendarTime | undefined {
  timeView.setBigInt64(0, BigInt(seconds), true);
  const found = utc ? libc.gmtime_r(time, tm) : libc.localtime_r(time, tm);
  if (found === null) return undefined;
  const field = (index: number) => tmView.getInt32(4 * index, true);
  return {
    year: field(5) + 1900,
    month: field(4) + 1,
    day: field(3),
    hour: field(2),
    minute: field(1),
    second: field(0),
    offset: Number(tmView.getBigInt64(OFFSET_AT, true)),
  };
}

/**
 * Returns the instant that a clock of this machine shows so: seconds of UTC since 1970. Fields beyond their
 * bounds carry over (the 32nd of a month is the first of the next). Of an hour that comes twice it is the
 * first; one that is skipped counts as the hour after it.
 */
export function secondsOfLocalTime(local: Omit<CalendarTime, "offset">): number {
  tm.fill(0);
  const { second, minute, hour, day, month, year } = local;
  [second, minute, hour, day, month - 1, year - 1900].forEach((value, index) =>
    tmView.setInt32(4 * index, value, true)
  );
  // The C library is to find out whether it is summer time.
  tmView.setInt32(32, -1, true);
  return Number(libc.mktime(tm));
}
