/**
 * Runs an asynchronous function on every item, several at a time.
 *
 * @param limit How many run at a time.
 * @param items The items.
 * @param work The function.
 * @returns A promise for each item, in their order: a test can await its own.
 */
export function atATime<Item, Result>(
  limit: number,
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
): Promise<Result>[] {
  const waiting: (() => void)[] = [];
  let running = 0;
  return [...items].map(async (item) => {
    if (running >= limit) await new Promise<void>((wake) => waiting.push(wake));
    else running++;
    try {
      return await work(item);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  });
}
