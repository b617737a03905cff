import { monotonicClock } from "../../os/clock.ts";
import { reactor } from "../../os/reactor.ts";
import type { PollClock } from "./poll_until_ready.ts";

/** The monotonic clock with the reactor's timers, which also ring while the main thread sleeps in it. */
export const reactorClock: PollClock = {
  now: monotonicClock,
  at(time, callback) {
    if (time === Infinity) return () => {};
    const timer = reactor().after(Math.max(0, time - monotonicClock()), callback);
    return () => timer[Symbol.dispose]();
  },
};
