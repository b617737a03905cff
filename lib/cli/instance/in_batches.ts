/**
 * How many instances are waited for at a time: each takes three descriptors, six with a logger, and many
 * programs may have 1,024.
 */
const BATCH = 100;

/** Returns the items in batches of which each can be waited for at once. */
export function inBatches<T>(items: readonly T[]): T[][] {
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += BATCH) batches.push(items.slice(at, at + BATCH));
  return batches;
}
