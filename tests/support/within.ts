import { DEADLINE } from "./deadline.ts";

/**
 * Waits for a promise up to a deadline.
 *
 * @param promise The promise.
 * @param what What it stands for, for the error.
 * @param milliseconds The deadline.
 * @returns The value of the promise.
 * @throws {Error} When the deadline passes first.
 */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  milliseconds = DEADLINE,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Waited ${milliseconds} ms for ${what}, and it did not happen`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
