import type { Definition } from "../../../lib/rc/definitions/definition.ts";
import { Graph } from "../../../lib/rc/definitions/graph.ts";
import type { Random } from "../../support/random.ts";

/**
 * Returns the definitions of `count` services. Each depends only on some that come before it in an
 * order that the result does not show, so there is no cycle.
 */
export function randomDefinitions(random: Random, count: number): Definition[] {
  const width = 1 + random.below(4);
  const names = Array.from({ length: count }, (_, index) => `service-${index}`);
  const definitions: Definition[] = names.map((name, index) => {
    const dependencies = new Set<string>();
    const reach = random.chance(0.5) ? index : Math.min(index, 5);
    for (let pick = random.below(width + 1); pick > 0 && reach > 0; pick--) {
      dependencies.add(names[index - 1 - random.below(reach)]!);
    }
    const common = {
      name,
      directory: `/source/${name}`,
      essential: random.chance(0.05),
      dependencies: [...dependencies],
      timeoutUp: 0,
      timeoutDown: 0,
    };
    return random.chance(0.7)
      ? { type: "longrun", ...common, notifies: true, consumerFor: [] }
      : { type: "oneshot", ...common, scripts: { up: "true" } };
  });
  // The order in which services are defined must not matter.
  for (let index = definitions.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    [definitions[index], definitions[other]] = [definitions[other]!, definitions[index]!];
  }
  return definitions;
}

/** Returns a random graph of `count` services. */
export function randomGraph(random: Random, count: number): Graph {
  return new Graph(randomDefinitions(random, count));
}

/** Returns a random subset of a graph's nodes, each with the probability given. */
export function randomNodes(random: Random, graph: Graph, probability: number): Set<number> {
  return new Set(
    graph.nodes.map(({ index }) => index).filter(() => random.chance(probability)),
  );
}
