/**
 * Waits for a promise, but not for ever.
 *
 * @param milliseconds The deadline.
 * @param promise What is waited for.
 * @param what What it is, for the error.
 * @returns What the promise gives.
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
