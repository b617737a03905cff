/**
 * Waits until a condition of the outside world holds, for which there is no event to wait for.
 *
 * @param condition Looks at the world; anything but `undefined` and `false` ends the wait.
 * @param what What is waited for, for the error.
 * @param milliseconds The deadline.
 * @returns What the condition gave.
 * @throws {Error} When the deadline passes first.
 */
export async function until<T>(
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  milliseconds = 30_000,
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
