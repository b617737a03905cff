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
  const proceed = (readable: readonly number[], late: boolean): void => {
    const ending = feed(sources, wait, readable, late);
    // Reading a source may have run code of the caller's that disposed of the wait.
    if (ending === undefined || watches.disposed) return;
    watches.dispose();
    settle(ending);
  };
  proceed([], false);
  if (watches.disposed) return watches;
  try {
    sources.forEach(({ fd }, index) => {
      reactor().watch(fd, priority, () => proceed([index], false));
      watches.defer(() => reactor().unwatch(fd));
    });
    if (deadline !== Infinity) {
      watches.use(reactor().after(Math.max(0, timeLeft(deadline)), () => proceed([], true)));
    }
  } catch (error) {
    watches.dispose();
    throw error;
  }
  return watches;
}
