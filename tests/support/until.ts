import { DEADLINE } from "./deadline.ts";

/**
 * Waits for a condition that no event tells of, by looking every 5 ms.
 *
 * @param condition Any result but `undefined` and `false` ends the wait.
 * @param what The condition in words, for the error.
 * @param milliseconds The deadline.
 * @returns The result of the condition.
 * @throws {Error} When the deadline passes first.
 */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  milliseconds = DEADLINE,
): Promise<T> {
  const deadline = Date.now() + milliseconds;
  while (true) {
    const found = await condition();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) {
      throw new Error(`Waited ${milliseconds} ms for ${what}, and it did not happen`);
    }
    await new Promise((wake) => setTimeout(wake, 5));
  }
}
