/**
 * How durations, deaths and lists are said.
 *
 * @module
 */

import { signalName } from "../os/signal.ts";
import type { Death } from "../servicedir/death_tally.ts";

/** The units from a minute on, with the seconds that each has, and the unit of the rest. */
const UNITS = [
  { name: "d", seconds: 86_400, smaller: "h", smallerSeconds: 3600 },
  { name: "h", seconds: 3600, smaller: "min", smallerSeconds: 60 },
  { name: "min", seconds: 60, smaller: "s", smallerSeconds: 1 },
] as const;

/**
 * Returns a duration as a person says it: two units at most, no more precise than is of use.
 *
 * @param milliseconds The duration; a negative one counts as none.
 */
export function duration(milliseconds: number): string {
  if (milliseconds < 999.5) return milliseconds < 0.5 ? "0 ms" : `${Math.round(milliseconds)} ms`;
  if (milliseconds < 9950) return `${Math.round(milliseconds / 100) / 10} s`;
  const all = Math.round(milliseconds / 1000);
  if (all < 60) return `${all} s`;
  const { name, seconds, smaller, smallerSeconds } = all < 3600
    ? UNITS[2]
    : all < 86_400
    ? UNITS[1]
    : UNITS[0];
  const whole = Math.floor(all / seconds);
  const part = Math.floor((all % seconds) / smallerSeconds);
  return part === 0 ? `${whole} ${name}` : `${whole} ${name} ${part} ${smaller}`;
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
