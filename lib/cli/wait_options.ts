import type { AwaitedState } from "../waiting/wait_state.ts";
import { MILLISECONDS, parseOptions } from "../options/parse_options.ts";
import { isCalledAsS6 } from "./program.ts";

const states: Readonly<Record<string, AwaitedState>> = {
  u: "up",
  U: "ready",
  d: "down",
  D: "finished",
  r: "restarted",
  R: "restartedReady",
};

/** Returns the state that a letter stands for, as in `sv wait -U`. */
export function awaitedState(letter: string): AwaitedState | undefined {
  return states[letter];
}

/** What to wait for, and how long. */
export interface WaitOptions {
  /** The state to wait for. */
  readonly state: AwaitedState;
  /** Whether one service in the state is enough. */
  readonly any: boolean;
  /** Milliseconds; 0: no limit. */
  readonly timeout: number;
  /** The arguments after the options. */
  readonly rest: readonly string[];
}

/**
 * Reads the options that `sv wait`, `sv listen` and `sv listen1` share.
 *
 * @param args The arguments.
 * @param how Which options there are, and whether they may stand behind other arguments; never as s6.
 */
export function parseWaitOptions(
  args: readonly string[],
  { short = "uUdDrRaot:", anywhere = false } = {},
): WaitOptions {
  const options = parseOptions(args, short, {}, anywhere && !isCalledAsS6());
  return {
    state: states[options.lastOf(...Object.keys(states)) ?? "u"]!,
    any: options.lastOf("a", "o") === "o",
    timeout: options.number("t", MILLISECONDS) ?? 0,
    rest: options.rest,
  };
}

/** The help on those options. */
export const WAIT_OPTIONS_HELP = `  -u  up: the service is running (the default)
  -U  up and ready, as the service itself has said
  -d  down: the service is not running
  -D  down for good: its finish script has ended, too
  -r  restarted: it was down since the waiting began, and is up
  -R  restarted and ready`;

/** The help on the time limit. */
export const TIMEOUT_HELP =
  `  -t ms  give up after so many milliseconds and exit 99; default 0: never`;
