import { monotonicClock } from "../../os/clock.ts";
import { Signal } from "../../os/signal.ts";
import { receiveSignals } from "../../os/signal_state.ts";
import type { Moments } from "../../rc/transition/change.ts";
import type { Direction } from "../../rc/definitions/graph.ts";
import type { Plan } from "../../rc/transition/engine.ts";
import type { Live } from "../../rc/live/live.ts";
import { plansFor } from "../../rc/transition/plans_for.ts";
import { startRecord, writeStartRecord } from "../../rc/report/start_record.ts";
import { type DryRun, Transition } from "../../rc/transition/transition.ts";
import type { Command } from "../../cli/command.ts";
import { complain, print } from "../../cli/output.ts";
import { changeLive, RcExit, select } from "../../cli/rc/rc_live.ts";
import { parseRcOptions, RC_OPTIONS_HELP, type RcOptions } from "../../cli/rc/rc_options.ts";

/** The help on the options of a change. */
export const CHANGE_OPTIONS_HELP = `${RC_OPTIONS_HELP}
  -v, --verbosity n        0: silent; 1: say what goes wrong (default); 2: say every change
  -n, --dry-run ms         change nothing: print what would be started and stopped, in that order, each
                           change taking so many ms
  -t, --timeout ms         give up after so many ms and exit 2; what was begun goes on; default 0: never`;

/** The help on the exit codes of a change. */
export const CHANGE_EXIT_HELP =
  `A service is started as soon as all that it depends on is ready, and stopped as soon as all that
depend on it are down. One that fails holds up only what depends on it. INT and TERM begin nothing new:
longruns that are on their way up are stopped, scripts of oneshots are waited for.

Exit codes: 0 success; 1 some service could not be changed; 2 timed out; 3 a name is unknown; 4 the live
directory is invalid; 100 wrong usage; 111 system call failed, or the live directory is in use.`;

/** Aborts its signal when this process gets SIGINT or SIGTERM. */
class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners = new DisposableStack();

  constructor(say: (message: string) => void) {
    for (const name of ["SIGINT", "SIGTERM"] as const) {
      const listener = () => {
        say(`received ${name}: ending what is under way, and beginning nothing new`);
        this.#controller.abort();
      };
      Deno.addSignalListener(name, listener);
      this.#listeners.defer(() => Deno.removeSignalListener(name, listener));
    }
    receiveSignals([Signal.INT, Signal.TERM, Signal.CHLD]);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#listeners.dispose();
  }
}

/** Carries out plans one after the other, as long as they succeed. Returns the exit code. */
export async function carryOut(
  live: Live,
  plans: readonly (() => Plan)[],
  { verbosity, timeout, dryRun }: Pick<RcOptions, "verbosity" | "timeout" | "dryRun">,
): Promise<number> {
  const say = (loudness: number, message: string) => {
    if (verbosity >= loudness) complain(`sv rc: ${message}`);
  };
  using interruption = new Interruption((message) => say(2, message));
  const { signal } = interruption;
  const deadline = timeout === 0 ? undefined : monotonicClock() + timeout;
  const pretence: DryRun | undefined = dryRun === undefined ? undefined : {
    delay: dryRun,
    pretend: (name, direction) => {
      if (verbosity > 0) print(`${direction === "up" ? "start" : "stop"} ${name}\n`);
    },
  };
  for (const makePlan of plans) {
    const date = Date.now();
    const plan = makePlan();
    const transition = new Transition(live, plan, {
      say,
      timeout: deadline === undefined ? undefined : Math.max(deadline - monotonicClock(), 0),
      dryRun: pretence,
      signal,
    });
    const end = await transition.run();
    if (plan.direction === "up") record(live, transition.moments, date);
    if (end === "timeout") {
      say(1, `timed out after ${timeout} ms; what was begun goes on`);
      return RcExit.timedOut;
    }
    if (end === "failure") return RcExit.failed;
  }
  return RcExit.success;
}

function record(live: Live, moments: ReadonlyMap<number, Moments>, date: number): void {
  if (moments.size > 0) writeStartRecord(live, startRecord(live.graph, moments, date));
}

/** Brings services up or down. */
export async function runChange(options: RcOptions): Promise<number> {
  using live = await changeLive(options);
  const { direction, prune, withoutEssentials: force } = options;
  const selection = select(live.graph, options, live.up);
  return await carryOut(live, plansFor(live, { selection, direction, prune, force }), options);
}

/**
 * Returns the options of `sv rc start` or `sv rc stop`: the direction is fixed, and -p does
 * nothing.
 */
export function toward(direction: Direction, options: RcOptions): RcOptions {
  return { ...options, direction, prune: false };
}

/** `sv rc change`: brings services up or down. */
export const rcChangeCommand: Command = {
  usage: "[ -l live ] [ -b ] [ -u | -d | -D ] [ -p ] [ -a ] [ -v verbosity ] [ -n delay ] " +
    "[ -t timeout ] [ name... ]",
  help:
    `Brings services up, with all that they depend on, or down, with all that depend on them. A name
is that of a service or of a bundle.

  -u, --up                 up (the default)
  -d, --down               down; services that are marked as essential stay up
  -D, --all-down           down, essential services, too
  -p, --prune              and all other services the other way: with -u down, first; with -d up, last
${CHANGE_OPTIONS_HELP}

${CHANGE_EXIT_HELP}`,
  run: (args) => runChange(parseRcOptions(args)),
};
