import { monotonicClock } from "../os/clock.ts";
import type { ServiceConfig } from "../servicedir/config.ts";
import type { TimerName } from "./machine.ts";

/** Milliseconds between two starts at least, unless the service was ready for longer. */
const RESTART = 1000;
/** After a start that failed, in milliseconds. */
const RETRY = 60_000;

/** After a kill that did not end the process, in milliseconds. */
export const KILL_AGAIN = 5000;

/**
 * Returns the delay of a timer in milliseconds; undefined means: don't arm it.
 *
 * @param timer Which timer.
 * @param config The files of the service directory.
 * @param readyAt When the service became ready, on the monotonic clock; undefined where it was not
 *   ready in its last life.
 */
export function delayOf(
  timer: TimerName,
  config: ServiceConfig,
  readyAt: number | undefined,
): number | undefined {
  switch (timer) {
    case "restart":
      return readyAt === undefined ? RESTART : Math.max(readyAt + RESTART - monotonicClock(), 0);
    case "retry":
      return RETRY;
    case "kill":
      return config.killTimeout || undefined;
    case "killAgain":
      return KILL_AGAIN;
    case "finish":
      return config.finishTimeout || undefined;
  }
}
