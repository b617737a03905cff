import { waitReadable } from "../os/descriptor.ts";
import { feed, type Source, timeLeft, type Wait } from "./wait.ts";

/**
 * Waits on the main thread, in poll(2): everything else in this program stands still meanwhile.
 *
 * @param sources What the wait is fed from.
 * @param wait What is waited for.
 * @param deadline When to give up, on the monotonic clock in milliseconds; Infinity: never.
 * @returns false when the deadline came before the wait was done.
 * @throws What reading a source throws.
 */
export function waitBlocking<Received>(
  sources: readonly Source<Received>[],
  wait: Wait<Received>,
  deadline: number,
): boolean {
  const indices = [...sources.keys()];
  for (let readable: readonly number[] = [];;) {
    const left = timeLeft(deadline);
    const ending = feed(sources, wait, readable, left <= 0);
    if (ending?.how === "failed") throw ending.error;
    if (ending !== undefined) return ending.how === "done";
    // poll(2) takes no notice of the descriptor -1.
    const states = waitReadable(sources.map(({ fd }) => fd), left);
    readable = indices.filter((index) => states[index]);
  }
}
