import type { Atomic, Definition } from "../definitions/definition.ts";
import { Graph } from "../definitions/graph.ts";
import { ServicePath } from "../../servicedir/protocol.ts";
import { differenceOf } from "./difference.ts";
import { definitionsDirectory, type Live } from "./live.ts";

/** What an update does to the services that are up. Nodes are those of the old graph. */
export interface UpdatePlan {
  /** The services to stop first, with all that depend on them; and why. */
  readonly stop: ReadonlyMap<number, string>;
  /** The services that go on although they have changed, and what has. */
  readonly keep: ReadonlyMap<number, string>;
  /** Those to stop that are essential. */
  readonly essential: readonly number[];
  /** The services to start afterwards, with what they need: names in the new definitions. */
  readonly start: readonly string[];
  /** The new names of longruns that go on, by the old ones. */
  readonly carried: ReadonlyMap<string, string>;
}

/** What to take into account. */
export interface UpdateWishes {
  /** Names of services to restart in any case. */
  readonly restart: ReadonlySet<string>;
  /** Whether what is up goes on where it has only changed, or needs something more. */
  readonly keep: boolean;
  /** The new names of services that get one, by the old ones. */
  readonly renamed: ReadonlyMap<string, string>;
}

/**
 * The files of a service directory that only the supervisor reads, at each use: a process that runs does
 * not see them change. An instance is made from `template` when it is created.
 */
const UNSEEN: ReadonlySet<string> = new Set([
  ServicePath.finish,
  `${ServicePath.finish}.user`,
  ServicePath.killTimeout,
  ServicePath.killGroup,
  ServicePath.finishTimeout,
  ServicePath.maxDeaths,
  ServicePath.downSignal,
  ServicePath.reloadSignal,
  "template",
  "instance",
  "instances",
]);

const CHANGES = { new: "is new", gone: "is gone", changed: "has changed" } as const;

/**
 * Decides which services an update stops, and starts again if they still exist: those that are gone, or
 * have another type; those of which the process sees other files, or the script that started them is
 * another; all that depend on these, before or after the update; and those that get a dependency which is
 * not up.
 *
 * @param live The live directory.
 * @param id The prepared set.
 * @param wishes What to take into account.
 */
export function planUpdate(live: Live, id: string, wishes: UpdateWishes): UpdatePlan {
  return new Planner(live, id, wishes).plan();
}

class Planner {
  readonly #live: Live;
  readonly #id: string;
  readonly #wishes: UpdateWishes;
  readonly #old: Graph;
  readonly #new: Graph;
  readonly #byName: ReadonlyMap<string, Definition>;
  readonly #up: ReadonlySet<number>;
  readonly #stop = new Map<number, string>();
  readonly #keep = new Map<number, string>();
  /** The old names of services that have got new ones, by these. */
  readonly #former: ReadonlyMap<string, string>;

  constructor(live: Live, id: string, wishes: UpdateWishes) {
    this.#live = live;
    this.#id = id;
    this.#wishes = wishes;
    this.#old = live.graph;
    const { definitions } = live.readSet(id);
    this.#new = new Graph(definitions);
    this.#byName = new Map(definitions.map((definition) => [definition.name, definition]));
    this.#up = live.up;
    this.#former = new Map([...wishes.renamed].map(([name, newName]) => [newName, name]));
  }

  plan(): UpdatePlan {
    const { certainlyUp, certainlyDown } = this.#live;
    for (const node of this.#up) {
      const definition = this.#definition(node);
      const reason = certainlyUp.has(node)
        ? this.#imperative(definition)
        : "its stop was interrupted";
      if (reason !== undefined) this.#stop.set(node, reason);
      else {
        const change = this.#change(definition);
        if (change !== undefined) (this.#wishes.keep ? this.#keep : this.#stop).set(node, change);
      }
    }
    for (let size = -1; size !== this.#stop.size;) {
      size = this.#stop.size;
      this.#addDependents();
      for (const node of this.#up) this.#addNeedy(node);
    }
    const closed = this.#old.closure(this.#stop.keys(), "down");
    return {
      stop: this.#stop,
      keep: this.#keep,
      essential: [...closed].filter((node) =>
        this.#old.nodes[node]!.essential && !certainlyDown.has(node)
      ),
      start: this.#start(),
      carried: this.#carried(closed),
    };
  }

  /** Returns the longruns that go on under a new name; not those that are stopped with others. */
  #carried(stopped: ReadonlySet<number>): Map<string, string> {
    return new Map(
      [...this.#wishes.renamed].filter(([name]) => {
        const node = this.#old.find(name);
        return node?.definition.type === "longrun" && this.#up.has(node.index) &&
          !stopped.has(node.index);
      }),
    );
  }

  /** Returns the name that a service has in the new definitions. */
  #newName(name: string): string {
    return this.#wishes.renamed.get(name) ?? name;
  }

  /** Returns the service in force that becomes one of the new ones. */
  #before(newName: string) {
    const former = this.#former.get(newName);
    if (former !== undefined) return this.#old.find(former);
    return this.#wishes.renamed.has(newName) ? undefined : this.#old.find(newName);
  }

  #start(): string[] {
    const known = new Set(this.#new.names);
    const nodes = [...this.#stop.keys(), ...this.#keep.keys()]
      .map((node) => this.#newName(this.#definition(node).name))
      .filter((name) => known.has(name))
      .flatMap((name) => this.#new.resolve(name));
    return [...this.#new.closure(nodes, "up")].filter((node) => !this.#goesOn(node))
      .map((node) => this.#new.nodes[node]!.definition.name);
  }

  /** Tells whether a node of the new graph is up, and stays so. */
  #goesOn(node: number): boolean {
    const before = this.#before(this.#new.nodes[node]!.definition.name);
    return before !== undefined && this.#up.has(before.index) && !this.#stop.has(before.index);
  }

  #definition(node: number): Atomic {
    return this.#old.nodes[node]!.definition;
  }

  /** Returns why a service can't stay up, or undefined where it can. */
  #imperative({ name, type }: Atomic): string | undefined {
    const now = this.#byName.get(this.#newName(name));
    if (now === undefined) {
      return this.#new.names.includes(this.#newName(name))
        ? `it was a ${type}, and is a pipeline now`
        : "it is not defined any more";
    }
    if (now.type !== type) return `it was a ${type}, and is a ${now.type} now`;
    return this.#wishes.restart.has(name) ? "its line in the file of -f says so" : undefined;
  }

  /** Returns what has changed of a service that its process sees, or undefined where nothing has. */
  #change(definition: Atomic): string | undefined {
    const { name } = definition;
    const now = this.#byName.get(this.#newName(name));
    if (definition.type === "oneshot") {
      const same = now?.type === "oneshot" && now.scripts.up === definition.scripts.up;
      return same ? undefined : "its script 'up' has changed";
    }
    const prepared = (id: string) => `${definitionsDirectory(this.#live.path, id)}/servicedirs`;
    const difference = differenceOf(
      `${prepared(this.#live.state.definitions)}/${name}`,
      `${prepared(this.#id)}/${this.#newName(name)}`,
      // Of the script that opens the pipes only these count: their names may be new.
      (entry) =>
        !UNSEEN.has(entry) && !(entry === ServicePath.run && this.#hasSamePipes(definition, now)),
    );
    if (difference === undefined) return undefined;
    const path = difference.path.replace(/^run\.user$/, ServicePath.run);
    return `its ${path} ${CHANGES[difference.what]}`;
  }

  /** Whether a longrun has pipes before and after the update, and the same. */
  #hasSamePipes(before: Atomic, after: Definition | undefined): boolean {
    if (before.type !== "longrun" || after?.type !== "longrun") return false;
    const { consumerFor, producerFor } = before;
    if (producerFor === undefined && consumerFor.length === 0) return false;
    return after.consumerFor.length > 0 === consumerFor.length > 0 &&
      after.producerFor === (producerFor === undefined ? undefined : this.#newName(producerFor));
  }

  /** Adds what depends on services that are stopped. */
  #addDependents(): void {
    // An iteration over a Set also visits what is added meanwhile.
    const stopped = new Set(this.#stop.keys());
    for (const node of stopped) {
      const { definition, dependents } = this.#old.nodes[node]!;
      for (const other of dependents) {
        stopped.add(other);
        if (!this.#up.has(other) || this.#stop.has(other)) continue;
        this.#stop.set(other, `it depends on '${definition.name}'`);
        this.#keep.delete(other);
      }
    }
  }

  /** Adds a service that will depend on what is not up. */
  #addNeedy(node: number): void {
    if (this.#stop.has(node)) return;
    const { name } = this.#definition(node);
    const missing = this.#new.find(this.#newName(name))?.dependencies.find((other) =>
      !this.#goesOn(other)
    );
    if (missing === undefined) return;
    const reason = `it depends on '${this.#new.nodes[missing]!.definition.name}' now`;
    if (!this.#wishes.keep) this.#stop.set(node, reason);
    else if (!this.#keep.has(node)) this.#keep.set(node, reason);
  }
}
