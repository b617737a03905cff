import type { Listener } from "../fifodir/listener.ts";
import { deadlineAfter } from "./wait.ts";
import { waitBlocking } from "./wait_blocking.ts";

/**
 * Waits until every listener has received an event.
 *
 * @param listeners The listeners.
 * @param event The event, one character.
 * @param milliseconds The time limit; 0: none.
 * @returns false when the time limit came first.
 */
export function awaitEvent(
  listeners: readonly Listener[],
  event: string,
  milliseconds: number,
): boolean {
  const missing = new Set(listeners.keys());
  const byte = event.charCodeAt(0);
  const wait = {
    receive(index: number, events: Uint8Array) {
      if (events.includes(byte)) missing.delete(index);
    },
    get done() {
      return missing.size === 0;
    },
  };
  return waitBlocking(listeners, wait, deadlineAfter(milliseconds));
}
