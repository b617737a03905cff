/**
 * Waits for a promise up to a deadline.
 *
 * @param milliseconds The deadline.
 * @param promise The promise.
 * @param what What it stands for, for the error.
 * @returns The value of the promise.
 * @throws {Error} When the deadline passes first.
 */
export async function within<T>(
  milliseconds: number,
  promise: Promise<T>,
  what: string,
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
