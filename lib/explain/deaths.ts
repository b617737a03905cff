import type { Death } from "../servicedir/death_tally.ts";
import type { Instant } from "../tai/tai64n.ts";
import type { Facts } from "./facts.ts";
import { duration, howItDied } from "./words.ts";

/** Deaths belong to one row if no more than this lies between them, in milliseconds. */
const LONGEST_GAP = 60_000;

/** So many deaths in a row are a crash loop. */
const CRASH_LOOP = 3;

/** Returns the milliseconds from one instant to another. */
export function millisecondsBetween(from: Instant, to: Instant): number {
  return Number(to - from) / 1e6;
}

/** Deaths that followed each other without a longer life between, up to now. */
export interface Row {
  /** Whether they are a crash loop. */
  readonly crashing: boolean;
  /** A clause about them; empty where there is none. */
  readonly words: string;
}

/** Returns the last deaths of a service, as far as they belong together. */
export function deathsInARow(facts: Pick<Facts, "deaths" | "now" | "starts" | "status">): Row {
  const { deaths, now } = facts;
  let later = now;
  let first = deaths.length;
  while (first > 0 && millisecondsBetween(deaths[first - 1]!.stamp, later) <= LONGEST_GAP) {
    later = deaths[--first]!.stamp;
  }
  const row = deaths.slice(first);
  return { crashing: row.length >= CRASH_LOOP, words: say(row, times(facts, row), now) };
}

/** Returns how many deaths a row has. The tally forgets the oldest; the number of starts does not. */
function times({ deaths, starts, status }: Parameters<typeof deathsInARow>[0], row: unknown[]) {
  if (row.length < deaths.length || starts === undefined) return row.length;
  const isUp = status !== undefined && status.pid !== 0 && !status.finishing;
  return Math.max(row.length, isUp ? starts - 1 : starts);
}

function say(row: readonly Death[], times: number, now: Instant): string {
  const last = row.at(-1);
  if (last === undefined) return "";
  const ago = `${duration(millisecondsBetween(last.stamp, now))} ago`;
  if (times === 1) return `died ${howItDied(last)}, ${ago}`;
  const alike = row.every(({ exitCode, signal }) =>
    exitCode === last.exitCode && signal === last.signal
  );
  return alike
    ? `died ${times} times, each time ${howItDied(last)}, last ${ago}`
    : `died ${times} times, last ${howItDied(last)}, ${ago}`;
}
