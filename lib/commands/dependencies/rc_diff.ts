import { CWD } from "../../os/file.ts";
import { exists } from "../../os/path.ts";
import type { Live } from "../../rc/live/live.ts";
import { formatLiveState, type LiveState } from "../../rc/live/live_state.ts";
import { readStatus } from "../../servicedir/status.ts";
import type { Command } from "../../cli/command.ts";
import { printJson } from "../../cli/json.ts";
import { print } from "../../cli/output.ts";
import { RcExit, readLive } from "../../cli/rc/rc_live.ts";
import {
  LIVEDIR_HELP,
  parseRcOptions,
  type RcOptions,
  READ_BLOCK_HELP,
} from "../../cli/rc/rc_options.ts";

/** Returns the longruns which their supervisors keep up, or don't, against what is recorded. */
function differences(live: Live): ReadonlyMap<string, "+" | "-"> {
  const up = live.up;
  const found = new Map<string, "+" | "-">();
  for (const { index, definition: { type, name } } of live.graph.nodes) {
    if (type !== "longrun") continue;
    const directory = live.serviceDirectory(name);
    let wantUp: boolean;
    try {
      ({ wantUp } = readStatus(directory));
    } catch (error) {
      // An update has just removed the service, or has not made it yet.
      if (live.isChanging || !exists(CWD, directory)) continue;
      throw error;
    }
    if (wantUp !== up.has(index)) found.set(name, wantUp ? "+" : "-");
  }
  return found;
}

/**
 * Tells whether a service is, and has been, neither on its way up nor on its way down. That is recorded
 * before its supervisor is told anything: a record from after the look at the supervisor is sure to have it.
 */
function isSettled(name: string, before: LiveState, after: LiveState): boolean {
  const standing = after.services.get(name);
  return (standing === undefined || standing === "up") && before.services.get(name) === standing;
}

/** Prints the longruns which their supervisors keep up, or don't, against what is recorded. */
export function runDiff(options: RcOptions): number {
  using live = readLive(options);
  let found = [...differences(live)];
  if (found.length > 0) {
    using later = readLive({ ...options, block: false });
    const [before, after] = [live.state, later.state];
    // What another command is about to start or stop makes no difference.
    if (later.isChanging || formatLiveState(before) !== formatLiveState(after)) {
      found = found.filter(([name]) => isSettled(name, before, after));
    }
  }
  const lines = found.map(([name, sign]) => `${sign}${name}\n`);
  if (options.json) {
    printJson({
      differences: found.map(([name, sign]) => ({
        name,
        recordedUp: sign === "-",
        wantedUp: sign === "+",
      })),
    });
  } else if (lines.length > 0) print(lines.join(""));
  return lines.length === 0 ? RcExit.success : RcExit.failed;
}

/** `sv rc diff`: prints where supervisors and the live directory differ. */
export const rcDiffCommand: Command = {
  usage: "[ -l live ] [ -b ] [ --json ]",
  help:
    `Prints the longruns of which the supervisor has another opinion: +name where it keeps up what is
to be down, -name where it does not keep up what is to be up, as after a permanent failure. What another
command is about to start or stop is left out.

  --json                   print one JSON object: docs/json.md
${LIVEDIR_HELP}
${READ_BLOCK_HELP}

Exit codes: 0 there is no difference; 1 there is one; 4 the live directory is invalid; 100 wrong usage;
111 system call failed.`,
  run: (args) => runDiff(parseRcOptions(args, "diff")),
};
