/**
 * The transition engine: a pure function from a state and an input to the next state and what is to
 * be done. It starts each service as soon as everything that it needs is ready, and stops each as
 * soon as everything that needs it is down. No clock, no I/O, no promise: see `Transition` for the
 * hands.
 *
 * @module
 */

import type { Direction, Graph } from "../definitions/graph.ts";

/** How far a service has got. */
export type Progress =
  /** It is not in the selection. */
  | "apart"
  /** Something that must change before it has not changed yet. */
  | "waiting"
  /** Its own transition is going on. */
  | "changing"
  /** It is where it is to be. */
  | "done"
  /** Its transition failed. */
  | "failed"
  /** It is essential, and was left up. */
  | "kept";

/** What does not change in the course of a transition. */
export interface Plan {
  /** The services. */
  readonly graph: Graph;
  /** Where they are to go. */
  readonly direction: Direction;
  /** Those that are to go there; closed in that direction. */
  readonly selection: ReadonlySet<number>;
  /** Those that are there already. */
  readonly there: ReadonlySet<number>;
  /** Whether essential services are stopped, too. */
  readonly force: boolean;
}

/** What the engine remembers. */
export interface EngineState {
  /** How far each service has got. */
  readonly progress: readonly Progress[];
  /** For each service, how many of those that must change before it have not. */
  readonly pending: readonly number[];
  /** How many transitions are going on. */
  readonly changing: number;
  /** Whether some transition failed. */
  readonly failed: boolean;
  /** Whether nothing new is to be begun. */
  readonly interrupted: boolean;
}

/** What has happened. */
export type TransitionInput =
  | { readonly name: "begin" }
  | { readonly name: "interrupt" }
  | { readonly name: "succeeded" | "failed"; readonly node: number };

/** What is to be done, in this order. */
export type TransitionEffect =
  /** Change a service; and say whether that succeeded. */
  | { readonly do: "change"; readonly node: number }
  /** A service has arrived. */
  | { readonly do: "arrived"; readonly node: number }
  /** A service failed to arrive. */
  | { readonly do: "giveUp"; readonly node: number }
  /** An essential service is left up. */
  | { readonly do: "keep"; readonly node: number }
  /** Abandon the changes that are going on, as far as their outcome can be known. */
  | { readonly do: "abandon"; readonly nodes: readonly number[] }
  /** All is over. */
  | { readonly do: "end"; readonly success: boolean };

/** What comes of an input: the next state, and what is to be done. */
export type TransitionStep = readonly [EngineState, readonly TransitionEffect[]];

/** The state before anything was done. */
export function initialTransitionState({ graph, direction, selection }: Plan): EngineState {
  return {
    progress: graph.nodes.map(({ index }) => selection.has(index) ? "waiting" : "apart"),
    pending: graph.nodes.map(({ index }) => graph.before(index, direction).length),
    changing: 0,
    failed: false,
    interrupted: false,
  };
}

/** What comes of an input in a state. */
export function advance(plan: Plan, state: EngineState, input: TransitionInput): TransitionStep {
  const next = new NextState(plan, state);
  switch (input.name) {
    case "begin":
      for (const node of plan.selection) next.examine(node);
      break;
    case "interrupt":
      next.interrupt();
      break;
    case "succeeded":
      next.succeed(input.node);
      break;
    case "failed":
      next.fail(input.node);
      break;
  }
  return next.result();
}

/** A state in the making. */
class NextState {
  readonly #plan: Plan;
  readonly #progress: Progress[];
  readonly #pending: number[];
  readonly #effects: TransitionEffect[] = [];
  #changing: number;
  #failed: boolean;
  #interrupted: boolean;

  constructor(plan: Plan, state: EngineState) {
    this.#plan = plan;
    this.#progress = [...state.progress];
    this.#pending = [...state.pending];
    this.#changing = state.changing;
    this.#failed = state.failed;
    this.#interrupted = state.interrupted;
  }

  result(): TransitionStep {
    if (this.#changing === 0) this.#effects.push({ do: "end", success: this.#success });
    return [{
      progress: this.#progress,
      pending: this.#pending,
      changing: this.#changing,
      failed: this.#failed,
      interrupted: this.#interrupted,
    }, this.#effects];
  }

  get #success(): boolean {
    return !this.#failed && !(this.#interrupted && this.#progress.includes("waiting"));
  }

  /** Changes a service if nothing holds it up. */
  examine(first: number): void {
    const { graph, direction, there, force } = this.#plan;
    const examined = [first];
    // A list that grows while it is walked: what arrives at once lets others go at once.
    for (const node of examined) {
      if (this.#progress[node] !== "waiting" || this.#pending[node]! > 0) continue;
      if (there.has(node)) {
        this.#progress[node] = "done";
        for (const other of graph.after(node, direction)) {
          this.#pending[other]!--;
          examined.push(other);
        }
      } else if (direction === "down" && !force && graph.nodes[node]!.essential) {
        this.#progress[node] = "kept";
        this.#effects.push({ do: "keep", node });
      } else if (!this.#interrupted) {
        this.#progress[node] = "changing";
        this.#changing++;
        this.#effects.push({ do: "change", node });
      }
    }
  }

  succeed(node: number): void {
    if (this.#progress[node] !== "changing") return;
    this.#progress[node] = "done";
    this.#changing--;
    this.#effects.push({ do: "arrived", node });
    for (const other of this.#plan.graph.after(node, this.#plan.direction)) {
      this.#pending[other]!--;
      this.examine(other);
    }
  }

  fail(node: number): void {
    if (this.#progress[node] !== "changing") return;
    this.#progress[node] = "failed";
    this.#changing--;
    this.#failed = true;
    this.#effects.push({ do: "giveUp", node });
  }

  interrupt(): void {
    if (this.#interrupted) return;
    this.#interrupted = true;
    const nodes = [...this.#plan.selection].filter((node) => this.#progress[node] === "changing");
    this.#effects.push({ do: "abandon", nodes });
  }
}
