import { drawGraph, GRAPH_FORMS } from "../../rc/report/draw_graph.ts";
import { Graph } from "../../rc/definitions/graph.ts";
import type { Command } from "../../cli/command.ts";
import { UsageError } from "../../options/usage_error.ts";
import { parseCommandLine } from "../../cli/command_line.ts";
import { print } from "../../cli/output.ts";
import { readLive, select } from "../../cli/rc/rc_live.ts";
import {
  LIVEDIR_HELP,
  liveOptions,
  type RcOptions,
  READ_BLOCK_HELP,
} from "../../cli/rc/rc_options.ts";
import { soundDefinitions } from "../../cli/rc/rc_sources.ts";

/** `sv rc graph`: draws what depends on what. */
export const rcGraphCommand: Command = {
  usage: "[ -f text | -f dot | -f mermaid ] [ -l live | -c source... ] [ -b ] [ -d ] [ name... ]",
  help:
    `Draws what depends on what: all services, or those that were named with what they depend on.

  -f, --form form          text: a tree (the default); dot: for Graphviz; mermaid: for Mermaid
${LIVEDIR_HELP}
  -c, --source dir         definitions in a source directory instead; may be repeated
  -d, --down               with what depends on the named services instead
${READ_BLOCK_HELP}

Exit codes: 0 success; 1 the definitions have errors; 3 a name is unknown; 4 the live directory is
invalid; 100 wrong usage; 111 system call failed.`,
  run(args) {
    const options = parseCommandLine(args, "f:l:c:bd", {
      "form": "f",
      "livedir": "l",
      "source": "c",
      "block": "b",
      "down": "d",
    });
    const form = GRAPH_FORMS.find((form) => form === (options.value("f") ?? "text"));
    if (form === undefined) {
      throw new UsageError(
        `option -f takes one of ${GRAPH_FORMS.join(", ")}, not '${options.value("f")}'`,
      );
    }
    const sources = options.values("c");
    const names = options.rest;
    const graph = sources.length > 0
      ? new Graph(soundDefinitions(sources, 0).definitions)
      : liveGraph(liveOptions(options));
    const named = select(graph, { names, all: false }, new Set());
    const all = graph.nodes.map(({ index }) => index);
    const nodes = graph.closure(names.length > 0 ? named : all, options.has("d") ? "down" : "up");
    const drawing = drawGraph(graph, nodes, form);
    if (drawing !== "") print(drawing);
    return 0;
  },
};

function liveGraph(options: Pick<RcOptions, "live" | "block">): Graph {
  using live = readLive(options);
  const { graph } = live;
  return graph;
}
