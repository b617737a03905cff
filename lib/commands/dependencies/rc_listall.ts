import type { Command } from "../../cli/command.ts";
import { printNodes } from "./rc_list.ts";
import { readLive, select } from "../../cli/rc/rc_live.ts";
import { parseRcOptions, type RcOptions, READ_OPTIONS_HELP } from "../../cli/rc/rc_options.ts";

/** Prints a selection with all that goes up or down with it. */
export function runListall(options: RcOptions): number {
  using live = readLive(options);
  const { graph } = live;
  printNodes(
    graph,
    graph.closure(select(graph, options, live.up), options.direction),
    options,
  );
  return 0;
}

/** `sv rc listall`: prints a selection with all that goes up or down with it. */
export const rcListallCommand: Command = {
  usage: "[ -l live ] [ -b ] [ -a ] [ -u | -d ] [ -E | -e ] [ name... ]",
  help: `Prints the services that were named, with all that they depend on, one a line.

  -d, --down               with all that depend on them instead
  -e, --without-essentials leave out services that are marked as essential
${READ_OPTIONS_HELP}

Exit codes: 0 success; 3 a name is unknown; 4 the live directory is invalid; 100 wrong usage; 111 system
call failed.`,
  run: (args) => runListall(parseRcOptions(args, "listall")),
};
