import type { Death } from "../servicedir/death_tally.ts";
import { Signal } from "../os/signal.ts";
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
  /** How many there are. */
  readonly count: number;
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
  const count = times(facts, row);
  return { crashing: row.length >= CRASH_LOOP, count, words: say(row, count, now) };
}

/** Returns how many deaths a row has. The tally forgets the oldest; the number of starts does not. */
function times({ deaths, starts, status }: Parameters<typeof deathsInARow>[0], row: unknown[]) {
  if (row.length < deaths.length || starts === undefined) return row.length;
  const isUp = status !== undefined && status.pid !== 0 && !status.finishing;
  return Math.max(row.length, isUp ? starts - 1 : starts);
}

/**
 * What exit codes and signals mean that no daemon has for itself: those of shells, and of the programs of
 * s6, execline and sv; and SIGKILL, that no command has sent.
 */
const MEANINGS: Readonly<Record<number, string>> = {
  100: "wrong usage, where a program of s6, execline or sv ends so",
  111: "a system call failed, where a program of s6, execline or sv ends so",
  126: "run starts a program that can't be run",
  127: "run starts a program that was not found",
};

/** Returns what is meant by the way in which a service died, in parentheses; empty where that says it all. */
export function meaningOf({ exitCode, signal }: Pick<Death, "exitCode" | "signal">): string {
  const meaning = signal === 0
    ? MEANINGS[exitCode]
    : signal === Signal.KILL
    ? "out of memory? the kernel's log tells, dmesg"
    : undefined;
  return meaning === undefined ? "" : ` (${meaning})`;
}

function say(row: readonly Death[], times: number, now: Instant): string {
  const last = row.at(-1);
  if (last === undefined) return "";
  const ago = `${duration(millisecondsBetween(last.stamp, now))} ago`;
  // One SIGKILL may have been a command.
  const isCommand = times === 1 && last.signal === Signal.KILL;
  const how = `${howItDied(last)}${isCommand ? "" : meaningOf(last)}`;
  if (times === 1) return `died ${how}, ${ago}`;
  const alike = row.every(({ exitCode, signal }) =>
    exitCode === last.exitCode && signal === last.signal
  );
  return alike
    ? `died ${times} times, each time ${how}, last ${ago}`
    : `died ${times} times, last ${how}, ${ago}`;
}
