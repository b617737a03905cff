import type { AwaitedState } from "../waiting/wait_state.ts";
import { parseOptions, unsigned } from "../options/parse_options.ts";

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

/** Reads the options that `sv wait`, `sv listen` and `sv listen1` share. */
export function parseWaitOptions(args: readonly string[], short = "uUdDrRaot:"): WaitOptions {
  const { options, rest } = parseOptions(args, short);
  let state: AwaitedState = "up";
  let any = false;
  let timeout = 0;
  for (const { name, value } of options) {
    if (name === "t") timeout = unsigned(value, "the time limit");
    else if (name === "a" || name === "o") any = name === "o";
    else state = states[name]!;
  }
  return { state, any, timeout, rest };
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
