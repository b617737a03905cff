import type { Atomic, Definition, Longrun } from "./definition.ts";

/** Which way a transition goes: services start after what they need, and stop before it. */
export type Direction = "up" | "down";

/** An atomic service in a graph. */
export interface Node {
  /** Its place in {@linkcode Graph.nodes}. */
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
 * The services of a set and what they need of each other. The definitions must have passed
 * `checkDefinitions`. Longruns come first, then oneshots, each in the order of their definitions.
 */
export class Graph {
  /** All atomic services. */
  readonly nodes: readonly Node[];
  /** What each name stands for: nodes, by index. */
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
    const members = ({ name, consumerFor }: Longrun): number[] => [
      ...this.#names.get(name)!,
      ...consumerFor.flatMap((producer) => members(longruns.get(producer)!)),
    ];
    for (const longrun of longruns.values()) {
      if (longrun.pipelineName !== undefined) {
        this.#names.set(longrun.pipelineName, members(longrun));
      }
    }
  }

  #nameBundles(definitions: readonly Definition[], essential: boolean[]): void {
    const bundles = new Map(
      definitions.filter((definition) => definition.type === "bundle")
        .map((definition) => [definition.name, definition]),
    );
    const resolve = (name: string): readonly number[] => {
      const known = this.#names.get(name);
      if (known !== undefined) return known;
      const bundle = bundles.get(name)!;
      const nodes = [...new Set(bundle.contents.flatMap(resolve))].sort((a, b) => a - b);
      this.#names.set(name, nodes);
      return nodes;
    };
    for (const bundle of bundles.values()) {
      const nodes = resolve(bundle.name);
      if (bundle.essential) { for (const node of nodes) essential[node] = true; }
    }
  }

  #dependencies(atomic: Atomic): number[] {
    // The reader of a pipe is there before anybody writes to it.
    const consumer = atomic.type === "longrun" ? atomic.producerFor : undefined;
    const names = consumer === undefined ? atomic.dependencies : [...atomic.dependencies, consumer];
    return [...new Set(names.flatMap((name) => this.resolve(name)))].sort((a, b) => a - b);
  }

  /** All names: of atomic services and of bundles. */
  get names(): string[] {
    return [...this.#names.keys()];
  }

  /**
   * The atomic services that a name stands for.
   *
   * @throws {UnknownServiceError} when it stands for none.
   */
  resolve(name: string): readonly number[] {
    const nodes = this.#names.get(name);
    if (nodes === undefined) throw new UnknownServiceError(`No service is named '${name}'`);
    return nodes;
  }

  /** The node of an atomic service, or undefined where there is none of that name. */
  find(name: string): Node | undefined {
    const [index] = this.#names.get(name) ?? [];
    const node = index === undefined ? undefined : this.nodes[index];
    return node?.definition.name === name ? node : undefined;
  }

  /** What must have changed before a node can go in a direction. */
  before(index: number, direction: Direction): readonly number[] {
    const node = this.nodes[index]!;
    return direction === "up" ? node.dependencies : node.dependents;
  }

  /** What can go in a direction once a node has gone. */
  after(index: number, direction: Direction): readonly number[] {
    return this.before(index, direction === "up" ? "down" : "up");
  }

  /** A selection, and everything that has to go in that direction with it. */
  closure(selection: Iterable<number>, direction: Direction): Set<number> {
    const closed = new Set(selection);
    // A set that grows while it is walked gives what was added, too.
    for (const index of closed) {
      for (const other of this.before(index, direction)) closed.add(other);
    }
    return closed;
  }

  /** How long the longest chain of dependencies below each node is: 0 where it needs nothing. */
  levels(): number[] {
    const levels = this.nodes.map(() => -1);
    const waiting = this.nodes.map(({ dependencies }) => dependencies.length);
    const ready = this.nodes.filter((_, index) => waiting[index] === 0).map(({ index }) => index);
    for (const index of ready) {
      const { dependencies, dependents } = this.nodes[index]!;
      levels[index] = 1 + Math.max(-1, ...dependencies.map((other) => levels[other]!));
      for (const other of dependents) if (--waiting[other]! === 0) ready.push(other);
    }
    return levels;
  }
}
