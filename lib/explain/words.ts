/**
 * How durations, deaths and lists are said.
 *
 * @module
 */

import { signalName } from "../os/signal.ts";
import type { Death } from "../servicedir/death_tally.ts";

const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
];

/**
 * Returns a duration as a person says it: two units at most, no more precise than is of use.
 *
 * @param milliseconds The duration; a negative one counts as none.
 */
export function duration(milliseconds: number): string {
  const rest = Math.max(milliseconds, 0);
  if (Math.round(rest) < 1000) return `${Math.round(rest)} ms`;
  if (rest < 9950) return `${(rest / 1000).toFixed(1).replace(/\.0$/, "")} s`;
  const seconds = Math.round(rest / 1000) * 1000;
  const first = UNITS.findIndex(([, unit]) => seconds >= unit);
  const [name, unit] = UNITS[first]!;
  const [smallerName, smaller] = UNITS[first + 1] ?? ["", unit];
  const whole = Math.floor(seconds / unit);
  const part = Math.floor((seconds % unit) / smaller);
  return part === 0 || smallerName === ""
    ? `${whole} ${name}`
    : `${whole} ${name} ${part} ${smallerName}`;
}

/** Returns how a program ended, to follow "with" or "by". */
export function howItDied({ exitCode, signal }: Pick<Death, "exitCode" | "signal">): string {
  return signal === 0 ? `with exit code ${exitCode}` : `by SIG${signalName(signal)}`;
}

/** Returns a number of things. */
export function count(number: number, one: string, several = `${one}s`): string {
  return number === 1 ? `1 ${one}` : `${number} ${several}`;
}

/** Returns names as a list in a sentence, of which at most `most` are named. */
export function list(names: readonly string[], most = 3): string {
  const named = names.slice(0, most);
  if (names.length > most) return `${named.join(", ")} and ${names.length - most} more`;
  return named.length < 2 ? named.join("") : `${named.slice(0, -1).join(", ")} and ${named.at(-1)}`;
}
