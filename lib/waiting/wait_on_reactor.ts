import { Priority, reactor } from "../os/reactor.ts";
import { type Ending, feed, type Source, timeLeft, type Wait } from "./wait.ts";

/**
 * Waits by callbacks of the reactor, while the rest of the program goes on.
 *
 * @param sources What the wait is fed from.
 * @param wait What is waited for.
 * @param deadline When to give up, on the monotonic clock in milliseconds; Infinity: never.
 * @param settle Called once with how the wait ended: before this function returns where the wait is
 *   done already, and never once it was disposed of.
 * @param priority The order in which the reactor serves the sources.
 * @returns The wait; disposing of it ends it without a call of `settle`.
 */
export function waitOnReactor<Received>(
  sources: readonly Source<Received>[],
  wait: Wait<Received>,
  deadline: number,
  settle: (ending: Ending) => void,
  priority: Priority = Priority.Ordinary,
): Disposable {
  const watches = new DisposableStack();
  /** The descriptor that is watched for each source: it may have one later, or none any more. */
  const watched = sources.map(() => -1);
  const follow = (fd: number, index: number): void => {
    const former = watched[index]!;
    if (fd === former) return;
    if (former >= 0) reactor().unwatch(former);
    watched[index] = fd;
    if (fd >= 0) reactor().watch(fd, priority, () => proceed([index], false));
  };
  const proceed = (readable: readonly number[], late: boolean): void => {
    const ending = feed(sources, wait, readable, late);
    // Reading a source may have run code of the caller's that disposed of the wait.
    if (watches.disposed) return;
    if (ending === undefined) return sources.forEach(({ fd }, index) => follow(fd, index));
    watches.dispose();
    settle(ending);
  };
  watches.defer(() => sources.forEach((_, index) => follow(-1, index)));
  try {
    proceed([], false);
    if (watches.disposed) return watches;
    if (deadline !== Infinity) {
      watches.use(reactor().after(Math.max(0, timeLeft(deadline)), () => proceed([], true)));
    }
  } catch (error) {
    watches.dispose();
    throw error;
  }
  return watches;
}
