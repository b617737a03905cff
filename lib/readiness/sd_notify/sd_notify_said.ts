/**
 * What the messages of a daemon amount to: pure, with the clock passed in.
 *
 * @module
 */

import type { SdState } from "../../servicedir/sd_status.ts";
import { microseconds } from "./notification.ts";

/** What a daemon has said so far. Times are in milliseconds on the monotonic clock. */
export interface Said {
  /** What it is doing. */
  readonly state: SdState;
  /** What it said in its own words. */
  readonly status: string;
  /** Until when it wants a time limit to be extended; 0: it never asked. */
  readonly extendedUntil: number;
  /** When it last said that it is alive. */
  readonly aliveAt: number;
  /** Whether it gave up by itself: it is to be treated as if it were silent. */
  readonly givesUp: boolean;
  /** After how long without a word it counts as silent; undefined: never. */
  readonly watchdog: number | undefined;
}

/** A daemon that was just started. */
export function nothingSaid(watchdog: number | undefined): Said {
  return {
    state: "starting",
    status: "",
    extendedUntil: 0,
    aliveAt: 0,
    givesUp: false,
    watchdog,
  };
}

function nextState(state: SdState, fields: ReadonlyMap<string, string>): SdState {
  if (fields.get("STOPPING") === "1") return "stopping";
  if (fields.get("READY") === "1") return state === "stopping" ? state : "running";
  if (fields.get("RELOADING") === "1") return state === "running" ? "reloading" : state;
  return state;
}

/** What a daemon has said after one more message. */
export function hear(said: Said, fields: ReadonlyMap<string, string>, now: number): Said {
  const state = nextState(said.state, fields);
  const extension = microseconds(fields.get("EXTEND_TIMEOUT_USEC"));
  const period = microseconds(fields.get("WATCHDOG_USEC"));
  const watchdog = fields.get("WATCHDOG");
  const alive = watchdog === "1" || said.state === "starting" && state === "running" ||
    period !== undefined;
  return {
    state,
    status: fields.get("STATUS") ?? said.status,
    extendedUntil: extension === undefined ? said.extendedUntil : now + extension,
    aliveAt: alive ? now : said.aliveAt,
    givesUp: watchdog === "trigger" || said.givesUp && !alive,
    // Only the administrator decides whether there is one.
    watchdog: said.watchdog === undefined || !period ? said.watchdog : period,
  };
}

/**
 * When a daemon counts as silent; undefined: it is not watched. Before it is ready, and once it is
 * stopping, other time limits hold.
 */
export function silentAt({ state, watchdog, aliveAt, givesUp }: Said): number | undefined {
  if (watchdog === undefined || state === "starting" || state === "stopping") return undefined;
  return givesUp ? aliveAt : aliveAt + watchdog;
}
