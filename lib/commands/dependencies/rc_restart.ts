import { restartPlans } from "../../rc/transition/plans_for.ts";
import { carryOut } from "../../cli/rc/carry_out.ts";
import { type Command, Failure } from "../../cli/command.ts";
import { changeLive, RcExit, select } from "../../cli/rc/rc_live.ts";
import { parseRcOptions, type RcOptions } from "../../cli/rc/rc_options.ts";
import { essentialsInWay } from "../../cli/rc/restart.ts";
import { CHANGE_OPTIONS_HELP } from "./rc_change.ts";

/** Stops services with what depends on them, and starts again what was up. */
export async function runRestart(options: RcOptions): Promise<number> {
  using live = await changeLive(options);
  const selection = select(live.graph, options, live.up);
  const force = options.withoutEssentials;
  const essentials = force ? [] : essentialsInWay(live, selection);
  if (essentials.length > 0) {
    throw new Failure(
      `cannot restart: that would stop what is marked as essential: ${essentials.join(", ")}; ` +
        "nothing was changed; -D stops it, too",
      RcExit.failed,
    );
  }
  return await carryOut(live, restartPlans(live, selection, force), { ...options, goesOn: true });
}

/** `sv rc restart`: stops services and starts them again. */
export const rcRestartCommand: Command = {
  usage: "[ -l live ] [ -b ] [ -a ] [ -D ] [ -v verbosity ] [ -n delay ] [ -t timeout ] name...",
  help:
    `Stops services, after all that depend on them, and starts them again; then what depended on them
and was up. What they need is started, too, where it is down, and left alone where it is up.

  -D, --all-down           also where that stops essential services; otherwise nothing is changed then
${CHANGE_OPTIONS_HELP}

Where one can't be stopped or started, the others are started again as far as they do not need it.

Exit codes: 0 success; 1 some service could not be changed, or is essential; 2 timed out; 3 a name is
unknown; 4 the live directory is invalid; 100 wrong usage; 111 system call failed, or the live directory
is in use.`,
  run: (args) => runRestart(parseRcOptions(args, "restart")),
};
