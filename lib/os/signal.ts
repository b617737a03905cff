/**
 * Signals by name and number. Imports nothing, so that pure modules may use it.
 *
 * @module
 */

/** Linux's signals, by their names without `SIG`. */
export const Signal = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
} as const;

/** The highest number of a signal; those above 31 have no names here. */
export const MAX_SIGNAL = 64;

/** Signals by each name that they have, as a text may give it. */
const numbers: Readonly<Record<string, number>> = {
  ...Signal,
  CLD: Signal.CHLD,
  IOT: Signal.ABRT,
  POLL: Signal.IO,
  UNUSED: Signal.SYS,
};

/** Returns a signal's name without `SIG`; for a number without a name `???`, as s6 does. */
export function signalName(number: number): string {
  return Object.entries(Signal).find(([, value]) => value === number)?.[0] ?? "???";
}

/**
 * Returns the number of a signal that is given by name, with or without `SIG`, in any case, or by
 * number.
 *
 * @returns undefined where the text names no signal.
 */
export function signalNumber(text: string): number | undefined {
  const name = text.toUpperCase().replace(/^SIG/, "");
  const number = numbers[name];
  if (number !== undefined) return number;
  return /^\d{1,10}$/.test(name) ? Number(name) : undefined;
}
