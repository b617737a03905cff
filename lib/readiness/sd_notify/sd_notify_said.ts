/**
 * What a daemon has told by its messages so far. Pure: the caller passes the time in.
 *
 * @module
 */

import type { SdState } from "../../servicedir/sd_status.ts";
import { microseconds } from "./notification.ts";

/** What a daemon has told so far. Times are in milliseconds on the monotonic clock. */
export interface Said {
  /** Its state. */
  readonly state: SdState;
  /** Its `STATUS`, free text. */
  readonly status: string;
  /** The time until which it asked a time limit to be extended; 0: it never asked. */
  readonly extendedUntil: number;
  /** The time of its last sign of life. */
  readonly aliveAt: number;
  /** Whether it asked by `WATCHDOG=trigger` to be treated as silent. */
  readonly givesUp: boolean;
  /** Milliseconds without a sign of life after which it counts as silent; undefined: never. */
  readonly watchdog: number | undefined;
}

/** How far a message extends a time limit at most, in milliseconds: an hour. */
const LONGEST_EXTENSION = 3_600_000;

/** Returns what a daemon that was just started has told: nothing. */
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

/** Returns what a daemon has told after one more message. */
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
    extendedUntil: extension === undefined
      ? said.extendedUntil
      : now + Math.min(extension, LONGEST_EXTENSION),
    aliveAt: alive ? now : said.aliveAt,
    givesUp: watchdog === "trigger" || said.givesUp && !alive,
    // The daemon may change its watchdog's time; only the administrator gives it a watchdog.
    watchdog: said.watchdog === undefined || !period ? said.watchdog : period,
  };
}

/**
 * Returns the time at which a daemon counts as silent; undefined: it is not watched. Before it is ready
 * and once it is stopping it is not: the limits on its start and its end hold then.
 */
export function silentAt({ state, watchdog, aliveAt, givesUp }: Said): number | undefined {
  if (watchdog === undefined || state === "starting" || state === "stopping") return undefined;
  return givesUp ? aliveAt : aliveAt + watchdog;
}
