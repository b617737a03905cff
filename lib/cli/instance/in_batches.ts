import { openFiles } from "../../os/limits.ts";

/** The descriptors that an instance takes while it is waited for: three, and as many for its logger. */
const DESCRIPTORS = 6;

/** Descriptors that this program needs besides. */
const OTHERS = 64;

/** More at a time would save nothing: what a scan does for each batch is little by then. */
const MOST = 1000;

/** Returns the items in batches of which each can be waited for at once. */
export function inBatches<T>(items: readonly T[]): T[][] {
  const room = Math.floor((Number(openFiles().soft) - OTHERS) / DESCRIPTORS);
  const size = Math.max(1, Math.min(room, MOST));
  const batches: T[][] = [];
  for (let at = 0; at < items.length; at += size) batches.push(items.slice(at, at + size));
  return batches;
}
