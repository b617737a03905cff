import { control } from "../../servicedir/control.ts";
import { OneshotChange } from "../../rc/transition/change_oneshot.ts";
import type { Outcome } from "../../rc/transition/change.ts";
import { reactor } from "../../os/reactor.ts";
import type { Atomic } from "../../rc/definitions/definition.ts";
import type { Live } from "../../rc/live/live.ts";
import { setScriptScan } from "../../rc/transition/spawn_script.ts";
import { reloadCommand } from "../../rc/transition/reload_command.ts";
import { type Command, Failure } from "../../cli/command.ts";
import { warn } from "../../cli/output.ts";
import { reasonOf } from "../../os/system_error.ts";
import { changeLive, RcExit, select } from "../../cli/rc/rc_live.ts";
import { parseRcOptions, RC_OPTIONS_HELP, type RcOptions } from "../../cli/rc/rc_options.ts";

function reload(live: Live, definition: Atomic): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  if (definition.type === "oneshot") {
    const { path } = live;
    new OneshotChange(definition, {
      live: path,
      script: "reload",
      timeout: 0,
      warn,
      settle: resolve,
    });
  } else {
    try {
      const directory = live.serviceDirectory(definition.name);
      control(directory, reloadCommand(directory));
      resolve({ success: true });
    } catch (error) {
      resolve({ success: false, reason: reasonOf(error) });
    }
  }
  return promise;
}

/** Tells services to read their configuration again. A longrun that is down takes no notice. */
export async function runReload(options: RcOptions): Promise<number> {
  using live = await changeLive(options);
  setScriptScan(live.scandir);
  const { nodes } = live.graph;
  const selection = [...select(live.graph, options, live.up)];
  const late = Promise.withResolvers<"late">();
  const { timeout, verbosity } = options;
  using _timer = timeout === 0 ? undefined : reactor().after(timeout, () => late.resolve("late"));
  const outcomes = await Promise.race([
    late.promise,
    Promise.all(selection.map((node) => reload(live, nodes[node]!.definition))),
  ]);
  if (outcomes === "late") {
    throw new Failure(
      `timed out after ${timeout} milliseconds; what was begun goes on`,
      RcExit.timedOut,
    );
  }
  let code: number = RcExit.success;
  outcomes.forEach((outcome, at) => {
    if (outcome.success) return;
    code = RcExit.failed;
    const { name } = nodes[selection[at]!]!.definition;
    if (verbosity > 0) {
      warn(`unable to reload service ${name}: ${outcome.reason}`);
    }
  });
  return code;
}

/** `sv rc reload`: tells services to read their configuration again. */
export const rcReloadCommand: Command = {
  usage: "[ -l live ] [ -b ] [ -a ] [ -t timeout ] [ -v verbosity ] name...",
  help:
    `Tells services to read their configuration again: a longrun gets its reload-signal (HUP if there
is no such file) if it is up, of a oneshot the script 'reload' is run, be it up or down. Nothing else is
touched.

${RC_OPTIONS_HELP}
  -t, --timeout ms         give up after so many ms and exit 2; default 0: never
  -v, --verbosity n        0: silent; 1: say what goes wrong (default)

Exit codes: 0 success; 1 a service has no supervisor, or its script failed; 2 timed out; 3 a name is
unknown; 4 the live directory is invalid; 100 wrong usage; 111 system call failed, or the live directory
is in use.`,
  run: (args) => runReload(parseRcOptions(args, "reload")),
};
