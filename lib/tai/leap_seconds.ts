/**
 * Seconds of TAI as seconds of UTC, with all leap seconds so far. Unlike `tai64n.ts`, which takes the
 * difference of today, this is right for stamps of any year.
 *
 * @module
 */

/** TAI minus UTC before the first leap second. */
const FIRST_DIFFERENCE = 10;

/** The days that began after a leap second. */
const DAYS_AFTER = (
  "1972-07-01 1973-01-01 1974-01-01 1975-01-01 1976-01-01 1977-01-01 1978-01-01 1979-01-01 1980-01-01 " +
  "1981-07-01 1982-07-01 1983-07-01 1985-07-01 1988-01-01 1990-01-01 1991-01-01 1992-07-01 1993-07-01 " +
  "1994-07-01 1996-01-01 1997-07-01 1999-01-01 2006-01-01 2009-01-01 2012-07-01 2015-07-01 2017-01-01"
).split(" ");

/** The leap seconds, as seconds of TAI since 1970. */
let leapSeconds: readonly number[] | undefined;

function allLeapSeconds(): readonly number[] {
  return leapSeconds ??= DAYS_AFTER.map((day, index) =>
    Date.parse(`${day}T00:00:00Z`) / 1000 + FIRST_DIFFERENCE + index
  );
}

/** A second of UTC. */
export interface UtcSecond {
  /** Seconds since 1970, leap seconds not counted; of a leap second, those of the second before it. */
  readonly seconds: number;
  /** Whether it is a leap second: 23:59:60. */
  readonly leap: boolean;
}

/** Returns the second of UTC that a second of TAI is, counted since 1970. */
export function utcOfTai(tai: number): UtcSecond {
  const leaps = allLeapSeconds();
  let before = leaps.length;
  while (before > 0 && leaps[before - 1]! >= tai) before--;
  const leap = leaps[before] === tai;
  return { seconds: tai - FIRST_DIFFERENCE - before - (leap ? 1 : 0), leap };
}
