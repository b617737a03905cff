import { readStatus } from "../../servicedir/status.ts";
import type { Command } from "../../cli/command.ts";
import { print } from "../../cli/output.ts";
import { RcExit, readLive } from "../../cli/rc/rc_live.ts";
import { parseRcOptions, RC_OPTIONS_HELP, type RcOptions } from "../../cli/rc/rc_options.ts";

/** Prints the longruns which their supervisors keep up, or don't, against what is recorded. */
export function runDiff(options: RcOptions): number {
  using live = readLive(options);
  const up = live.up;
  const lines = live.graph.nodes.flatMap(({ index, definition: { type, name } }) => {
    if (type !== "longrun") return [];
    const { wantUp } = readStatus(live.serviceDirectory(name));
    return wantUp === up.has(index) ? [] : [`${wantUp ? "+" : "-"}${name}\n`];
  });
  if (lines.length > 0) print(lines.join(""));
  return lines.length === 0 ? RcExit.success : RcExit.failed;
}

/** `sv rc diff`: prints where supervisors and the live directory differ. */
export const rcDiffCommand: Command = {
  usage: "[ -l live ] [ -b ]",
  help:
    `Prints the longruns of which the supervisor has another opinion: +name where it keeps up what is
to be down, -name where it does not keep up what is to be up, as after a permanent failure.

${RC_OPTIONS_HELP}

Exit codes: 0 there is no difference; 1 there is one; 4 the live directory is invalid; 100 wrong usage;
111 system call failed, or the live directory is in use.`,
  run: (args) => runDiff(parseRcOptions(args)),
};
