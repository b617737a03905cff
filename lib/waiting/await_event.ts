import type { Listener } from "../fifodir/listener.ts";
import { deadlineAfter, waitBlocking } from "./wait_blocking.ts";

/**
 * Waits until every listener has heard an event.
 *
 * @param listeners The listeners.
 * @param event The event, one character.
 * @param milliseconds The time limit; 0: none.
 * @returns false when the time was up before.
 */
export function awaitEvent(
  listeners: readonly Listener[],
  event: string,
  milliseconds: number,
): boolean {
  const missing = new Set(listeners.keys());
  const byte = event.charCodeAt(0);
  return waitBlocking(listeners, {
    receive: (index, events) => void (events.includes(byte) && missing.delete(index)),
    get done() {
      return missing.size === 0;
    },
  }, deadlineAfter(milliseconds));
}
