import {
  advance,
  initialTransitionState,
  type Plan,
  type Progress,
  type TransitionInput,
} from "../../../lib/rc/transition/engine.ts";

/** What happens to a service that is being changed. */
export interface Fate {
  /** How long the change takes. */
  readonly duration: number;
  /** Whether it fails. */
  readonly fails: boolean;
}

/** How a simulated transition went. */
export interface Simulation {
  /** When each change began, by node. */
  readonly begun: ReadonlyMap<number, number>;
  /** When each service arrived, by node. */
  readonly arrived: ReadonlyMap<number, number>;
  /** The essential services that were left up. */
  readonly kept: readonly number[];
  /** When the transition ended. */
  readonly end: number;
  /** Whether the engine ended it as a success. */
  readonly success: boolean;
  /** How far each service got. */
  readonly progress: readonly Progress[];
}

interface Pending {
  readonly at: number;
  readonly input: TransitionInput;
}

/** Carries out a plan without processes; time is a number. */
export function simulate(
  plan: Plan,
  fate: (node: number) => Fate,
  interruptAt = Infinity,
): Simulation {
  const begun = new Map<number, number>();
  const arrived = new Map<number, number>();
  const kept: number[] = [];
  const pending: Pending[] = [];
  if (interruptAt < Infinity) pending.push({ at: interruptAt, input: { name: "interrupt" } });
  let state = initialTransitionState(plan);
  let now = 0;
  let success: boolean | undefined;
  const feed = (input: TransitionInput) => {
    const [next, effects] = advance(plan, state, input);
    state = next;
    for (const effect of effects) {
      switch (effect.do) {
        case "change": {
          const { duration, fails } = fate(effect.node);
          begun.set(effect.node, now);
          pending.push({
            at: now + duration,
            input: { name: fails ? "failed" : "succeeded", node: effect.node },
          });
          break;
        }
        case "arrived":
          arrived.set(effect.node, now);
          break;
        case "keep":
          kept.push(effect.node);
          break;
        case "end":
          if (success !== undefined) throw new Error("the engine ended twice");
          success = effect.success;
          break;
      }
    }
  };
  feed({ name: "begin" });
  while (success === undefined) {
    pending.sort((a, b) => a.at - b.at);
    const next = pending.shift();
    if (next === undefined) throw new Error("the engine waits for what will never come");
    now = next.at;
    feed(next.input);
  }
  return { begun, arrived, kept, end: now, success, progress: state.progress };
}
