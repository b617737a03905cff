import type { Atomic, Definition } from "./definition.ts";
import { largest, reachable } from "./walk.ts";

/**
 * The direction of a change. Up: a service starts after its dependencies. Down: it stops before
 * them.
 */
export type Direction = "up" | "down";

/** An atomic service in a graph. */
export interface Node {
  /** Its index in {@linkcode Graph.nodes}. */
  readonly index: number;
  /** Its definition. */
  readonly definition: Atomic;
  /** Whether it, or a bundle that it is in, is marked as essential. */
  readonly essential: boolean;
  /** The nodes that must be up before it is started. */
  readonly dependencies: readonly number[];
  /** The nodes that must be down before it is stopped. */
  readonly dependents: readonly number[];
}

/** A name that no service has. */
export class UnknownServiceError extends Error {
  override name = "UnknownServiceError";
}

/**
 * The services of a set, and which depends on which. The definitions must have passed
 * `checkDefinitions`. Longruns come first, then oneshots, each in the order of their definitions.
 */
export class Graph {
  /** All atomic services. */
  readonly nodes: readonly Node[];
  /** The nodes that each name stands for, by index. */
  readonly #names = new Map<string, readonly number[]>();

  /** @param definitions A set of definitions without faults. */
  constructor(definitions: readonly Definition[]) {
    const atomics: Atomic[] = [
      ...definitions.filter((definition) => definition.type === "longrun"),
      ...definitions.filter((definition) => definition.type === "oneshot"),
    ];
    const essential = atomics.map((atomic) => atomic.essential);
    atomics.forEach(({ name }, index) => this.#names.set(name, [index]));
    this.#namePipelines(atomics);
    this.#nameBundles(definitions, essential);
    const dependencies = atomics.map((atomic) => this.#dependencies(atomic));
    const dependents: number[][] = atomics.map(() => []);
    dependencies.forEach((list, index) => list.forEach((other) => dependents[other]!.push(index)));
    this.nodes = atomics.map((definition, index) => ({
      index,
      definition,
      essential: essential[index]!,
      dependencies: dependencies[index]!,
      dependents: dependents[index]!,
    }));
  }

  #namePipelines(atomics: readonly Atomic[]): void {
    const longruns = new Map(
      atomics.filter((atomic) => atomic.type === "longrun").map((atomic) => [atomic.name, atomic]),
    );
    for (const { name, pipelineName } of longruns.values()) {
      if (pipelineName === undefined) continue;
      const members = reachable([name], (member) => longruns.get(member)!.consumerFor);
      this.#names.set(pipelineName, [...members].flatMap((member) => this.#names.get(member)!));
    }
  }

  #nameBundles(definitions: readonly Definition[], essential: boolean[]): void {
    const bundles = new Map(
      definitions.filter((definition) => definition.type === "bundle")
        .map((definition) => [definition.name, definition]),
    );
    const resolved = [...bundles.values()].map((bundle) => {
      const names = reachable([bundle.name], (name) => bundles.get(name)?.contents ?? []);
      const nodes = new Set([...names].flatMap((name) => this.#names.get(name) ?? []));
      return { bundle, nodes: [...nodes].sort((a, b) => a - b) };
    });
    for (const { bundle, nodes } of resolved) {
      this.#names.set(bundle.name, nodes);
      if (bundle.essential) { for (const node of nodes) essential[node] = true; }
    }
  }

  #dependencies(atomic: Atomic): number[] {
    // A producer depends on its consumer: the reader of a pipe starts before its writer.
    const consumer = atomic.type === "longrun" ? atomic.producerFor : undefined;
    const names = consumer === undefined ? atomic.dependencies : [...atomic.dependencies, consumer];
    return [...new Set(names.flatMap((name) => this.resolve(name)))].sort((a, b) => a - b);
  }

  /** The names of all atomic services and bundles. */
  get names(): string[] {
    return [...this.#names.keys()];
  }

  /**
   * Returns the nodes that a name stands for.
   *
   * @throws {UnknownServiceError} when no service or bundle has that name.
   */
  resolve(name: string): readonly number[] {
    const nodes = this.#names.get(name);
    if (nodes === undefined) throw new UnknownServiceError(`No service is named '${name}'`);
    return nodes;
  }

  /** Returns the node of an atomic service, or undefined where none has that name. */
  find(name: string): Node | undefined {
    const [index] = this.#names.get(name) ?? [];
    const node = index === undefined ? undefined : this.nodes[index];
    return node?.definition.name === name ? node : undefined;
  }

  /** Returns the nodes that must change in a direction before a node may. */
  before(index: number, direction: Direction): readonly number[] {
    const node = this.nodes[index]!;
    return direction === "up" ? node.dependencies : node.dependents;
  }

  /** Returns the nodes that may change in a direction only after a node. */
  after(index: number, direction: Direction): readonly number[] {
    return this.before(index, direction === "up" ? "down" : "up");
  }

  /** Returns a selection with all nodes that must change in that direction before it. */
  closure(selection: Iterable<number>, direction: Direction): Set<number> {
    const closed = new Set(selection);
    // An iteration over a Set also visits what is added meanwhile.
    for (const index of closed) {
      for (const other of this.before(index, direction)) closed.add(other);
    }
    return closed;
  }

  /** Returns the length of the longest chain of dependencies of each node: 0 where it has none. */
  levels(): number[] {
    const levels = this.nodes.map(() => -1);
    const waiting = this.nodes.map(({ dependencies }) => dependencies.length);
    const ready = this.nodes.filter((_, index) => waiting[index] === 0).map(({ index }) => index);
    for (const index of ready) {
      const { dependencies, dependents } = this.nodes[index]!;
      levels[index] = 1 + largest(dependencies.map((other) => levels[other]!), -1);
      for (const other of dependents) if (--waiting[other]! === 0) ready.push(other);
    }
    return levels;
  }
}
