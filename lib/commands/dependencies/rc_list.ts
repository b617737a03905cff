import type { Graph } from "../../rc/definitions/graph.ts";
import { complement } from "../../rc/transition/plans_for.ts";
import type { Command } from "../../cli/command.ts";
import { printJson } from "../../cli/json.ts";
import { print } from "../../cli/output.ts";
import { readLive, select } from "../../cli/rc/rc_live.ts";
import { parseRcOptions, type RcOptions, READ_OPTIONS_HELP } from "../../cli/rc/rc_options.ts";

/** Returns the nodes that are printed. */
function printed(
  graph: Graph,
  nodes: ReadonlySet<number>,
  { withoutEssentials }: Pick<RcOptions, "withoutEssentials">,
) {
  return graph.nodes
    .filter(({ index, essential }) => nodes.has(index) && !(withoutEssentials && essential));
}

/** Prints the names of nodes, one a line. */
export function printNodes(
  graph: Graph,
  nodes: ReadonlySet<number>,
  options: Pick<RcOptions, "withoutEssentials">,
): void {
  const names = printed(graph, nodes, options).map(({ definition }) => `${definition.name}\n`);
  if (names.length > 0) print(names.join(""));
}

/** Prints a selection. */
export function runList(options: RcOptions): number {
  using live = readLive(options);
  const { graph } = live;
  const selection = select(graph, options, live.up);
  const nodes = options.direction === "up" ? selection : complement(graph, selection);
  if (!options.json) printNodes(graph, nodes, options);
  else {
    const services = printed(graph, nodes, options).map((
      { definition: { name, type }, index },
    ) => ({
      name,
      type,
      up: live.up.has(index),
    }));
    printJson({ services });
  }
  return 0;
}

/** `sv rc list`: prints a selection. */
export const rcListCommand: Command = {
  usage: "[ -l live ] [ -b ] [ -a ] [ -u | -d ] [ -E | -e ] [ --json ] [ name... ]",
  help:
    `Prints the services that were named, bundles resolved, one a line. 'sv rc list -a' prints what
is up, 'sv rc list -da' what is down.

  -d, --down               print all services but those
  --json                   print one JSON object: docs/json.md
  -e, --without-essentials leave out services that are marked as essential
${READ_OPTIONS_HELP}

Exit codes: 0 success; 3 a name is unknown; 4 the live directory is invalid; 100 wrong usage; 111 system
call failed.`,
  run: (args) => runList(parseRcOptions(args, "list")),
};
