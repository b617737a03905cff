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
const DIGIT_0 = 48;

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
  let softNofile: number | undefined = end > 0 && end <= LONGEST_LIMIT ? 0 : undefined;
  // Not a pattern: Deno would have to compile it.
  for (let at = 0; at < end && softNofile !== undefined; at++) {
    const digit = notes[at]! - DIGIT_0;
    softNofile = digit >= 0 && digit <= 9 ? 10 * softNofile + digit : undefined;
  }
  return { softNofile, environment };
}

/** The most digits of a limit: more would not be exact as a number. */
const LONGEST_LIMIT = 15;
