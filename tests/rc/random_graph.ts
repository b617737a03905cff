import type { Definition } from "../../lib/rc/definitions/definition.ts";
import { Graph } from "../../lib/rc/definitions/graph.ts";

/** Random numbers that a seed repeats. */
export class Random {
  #state: number;

  /** @param seed Where the sequence begins. */
  constructor(seed: number) {
    this.#state = seed;
  }

  /** A number from 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer from 0 up to, not including, the limit. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** True, so often. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the items. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }
}

/** Definitions of so many services; each needs only such as come before it in a hidden order. */
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

/** A random graph. */
export function randomGraph(random: Random, count: number): Graph {
  return new Graph(randomDefinitions(random, count));
}

/** A random subset of a graph's nodes. */
export function randomNodes(random: Random, graph: Graph, probability: number): Set<number> {
  return new Set(
    graph.nodes.map(({ index }) => index).filter(() => random.chance(probability)),
  );
}
