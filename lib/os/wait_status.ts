/**
 * How a process ended: the raw word of wait(2), and its parts.
 *
 * @module
 */

/** The raw word: an exit code times 256, or a signal number (+ 128 if core was dumped). */
export type WaitStatus = number;

/** The highest word. */
export const MAX_WAIT_STATUS = 0xffff;

/** Returns the word for a process that exited by itself. */
export function exited(code: number): WaitStatus {
  return (code & 0xff) << 8;
}

/** Returns the word for a process that a signal ended. */
export function signaled(signal: number, coreDumped = false): WaitStatus {
  return signal | (coreDumped ? 0x80 : 0);
}

/** Returns the exit code, or undefined where a signal ended the process. */
export function exitCode(status: WaitStatus): number | undefined {
  return (status & 0x7f) === 0 ? (status >> 8) & 0xff : undefined;
}

/** Returns the signal that ended the process, or undefined where it exited by itself. */
export function termSignal(status: WaitStatus): number | undefined {
  const signal = status & 0x7f;
  return signal === 0 ? undefined : signal;
}
