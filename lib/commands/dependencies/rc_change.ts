import type { Direction } from "../../rc/definitions/graph.ts";
import { plansFor } from "../../rc/transition/plans_for.ts";
import { carryOut } from "../../cli/rc/carry_out.ts";
import type { Command } from "../../cli/command.ts";
import { changeLive, select } from "../../cli/rc/rc_live.ts";
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
  run: (args) => runChange(parseRcOptions(args, "change")),
};
