/**
 * What a launcher leaves to the program about its start: see launch.ts.
 *
 * @module
 */

/** The notes on a start. */
export interface StartNotes {
  /** The soft limit on open files; undefined where there is none. */
  readonly softNofile: number | undefined;
  /** The environment, as the kernel has it: entries that each end with a NUL. */
  readonly environment: Uint8Array;
}

const NEWLINE = 10;
const NUL = 0;
const FULL_STOP = 46;

/**
 * Parses notes: a line with the soft limit on open files, as `ulimit` prints it, a number or a word; then
 * the environment; then a full stop, without which they are cut off.
 *
 * @returns undefined where they are cut off.
 */
export function parseStartNotes(notes: Uint8Array): StartNotes | undefined {
  const end = notes.indexOf(NEWLINE);
  if (end < 0 || notes.length < end + 2 || notes.at(-1) !== FULL_STOP) return undefined;
  const environment = notes.subarray(end + 1, -1);
  // A full stop may be in the middle of an entry, too.
  if (environment.length > 0 && environment.at(-1) !== NUL) return undefined;
  return { softNofile: numberOf(notes.subarray(0, end)), environment };
}

/** Returns the number that some digits make; undefined where they are no digits, or too many. */
function numberOf(digits: Uint8Array): number | undefined {
  if (digits.length === 0 || digits.length > LONGEST_LIMIT) return undefined;
  let number = 0;
  // Not a pattern: Deno would have to compile it.
  for (const digit of digits) {
    if (digit < 48 || digit > 57) return undefined;
    number = 10 * number + digit - 48;
  }
  return number;
}

/** The most digits of a limit: more would not be exact as a number. */
const LONGEST_LIMIT = 15;
