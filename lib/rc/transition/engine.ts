/**
 * The transition engine: a pure function from a state and an input to the next state and effects.
 * It starts each service as soon as all its dependencies are ready, and stops each as soon as all
 * its dependents are down. No clock, no I/O, no promise: `Transition` carries the effects out.
 *
 * A service that is not in the selection stays `apart`. All others begin as `waiting`. When the
 * last of those that must change before it has changed, it is `changing`, until an input tells that
 * it `succeeded` (`done`) or `failed`. A service that is there already is `done` without a change, or
 * `failed` where it is broken;
 * an essential one that a stop leaves up is `kept`. What waits for a failed or kept service stays
 * `waiting`. The transition ends when nothing is changing.
 *
 * @module
 */

import type { Direction, Graph } from "../definitions/graph.ts";

/** How far a service has got. */
export type Progress =
  /** It is not in the selection. */
  | "apart"
  /** A service that must change before it has not changed yet. */
  | "waiting"
  /** Its change is under way. */
  | "changing"
  /** It is up, or down, as planned. */
  | "done"
  /** Its change failed. */
  | "failed"
  /** It is essential, and the stop left it up. */
  | "kept";

/** The plan of a transition; constant while it runs. */
export interface Plan {
  /** The services. */
  readonly graph: Graph;
  /** Whether they go up or down. */
  readonly direction: Direction;
  /** The nodes that go there; with each, all that must change before it. */
  readonly selection: ReadonlySet<number>;
  /** The nodes that are there already. */
  readonly there: ReadonlySet<number>;
  /** Of these, those that count as failed all the same, and why. */
  readonly broken?: ReadonlyMap<number, string>;
  /** Whether essential services are stopped, too. */
  readonly force: boolean;
}

/** The state of a transition. */
export interface TransitionState {
  /** How far each service has got. */
  readonly progress: readonly Progress[];
  /** For each service, how many of those that must change before it have not changed yet. */
  readonly pending: readonly number[];
  /** How many services are changing. */
  readonly changing: number;
  /** Whether a change has failed. */
  readonly failed: boolean;
  /** Whether the transition was interrupted: no other change begins. */
  readonly interrupted: boolean;
}

/** What can happen: the beginning, an interrupt by the user, the outcome of a change. */
export type TransitionInput =
  | { readonly name: "begin" }
  | { readonly name: "interrupt" }
  | { readonly name: "succeeded" | "failed"; readonly node: number };

/** What `Transition` does for the engine; the effects of a step are carried out in their order. */
export type TransitionEffect =
  /** Change a service. Its outcome is a later input. */
  | { readonly do: "change"; readonly node: number }
  /** Record that a service has arrived. */
  | { readonly do: "arrived"; readonly node: number }
  /** Record that the change of a service failed. */
  | { readonly do: "giveUp"; readonly node: number }
  /** Tell that a service counts as failed, though it was there. */
  | { readonly do: "refuse"; readonly node: number; readonly reason: string }
  /** Tell that an essential service is left up. */
  | { readonly do: "keep"; readonly node: number }
  /** Abandon the changes that are under way. Each still has an outcome. */
  | { readonly do: "abandon"; readonly nodes: readonly number[] }
  /** End the transition. */
  | { readonly do: "end"; readonly success: boolean };

/** The result of an input: the next state, and the effects. */
export type TransitionStep = readonly [TransitionState, readonly TransitionEffect[]];

/** Returns the state before the first input. */
export function initialTransitionState({ graph, direction, selection }: Plan): TransitionState {
  return {
    progress: graph.nodes.map(({ index }) => selection.has(index) ? "waiting" : "apart"),
    pending: graph.nodes.map(({ index }) => graph.before(index, direction).length),
    changing: 0,
    failed: false,
    interrupted: false,
  };
}

/** Returns the step that an input makes from a state. */
export function advance(
  plan: Plan,
  state: TransitionState,
  input: TransitionInput,
): TransitionStep {
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

/** A copy of a state, which one input changes, and the effects of that input. */
class NextState {
  readonly #plan: Plan;
  readonly #progress: Progress[];
  readonly #pending: number[];
  readonly #effects: TransitionEffect[] = [];
  #changing: number;
  #failed: boolean;
  #interrupted: boolean;

  constructor(plan: Plan, state: TransitionState) {
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

  /** Changes a service if all that must change before it have changed. */
  examine(first: number): void {
    const { graph, direction, there, force } = this.#plan;
    const examined = [first];
    // The list grows meanwhile: a service that is there already may be the last that another waits
    // for.
    for (const node of examined) {
      if (this.#progress[node] !== "waiting" || this.#pending[node]! > 0) continue;
      const defect = this.#plan.broken?.get(node);
      if (defect !== undefined) {
        this.#progress[node] = "failed";
        this.#failed = true;
        this.#effects.push({ do: "refuse", node, reason: defect });
      } else if (there.has(node)) {
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
