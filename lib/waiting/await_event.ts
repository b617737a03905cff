import type { Listener } from "../fifodir/listener.ts";
import { EventFromEach } from "./event_from_each.ts";
import { deadlineAfter } from "./wait.ts";
import { waitBlocking } from "./wait_blocking.ts";

/**
 * Waits until every listener has received an event; this program does nothing else meanwhile.
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
  const wait = new EventFromEach(listeners.length, event.charCodeAt(0));
  return waitBlocking(listeners, wait, deadlineAfter(milliseconds));
}
