import { reasonOf } from "../../os/system_error.ts";
import { openFiles, setSoftOpenFiles } from "../../os/limits.ts";
import { reactor } from "../../os/reactor.ts";
import type { Change, Moments, Outcome, Settle } from "./change.ts";
import { LongrunChange } from "./change_longrun.ts";
import { OneshotChange } from "./change_oneshot.ts";
import type { Atomic } from "../definitions/definition.ts";
import {
  advance,
  initialTransitionState,
  type Plan,
  type TransitionEffect,
  type TransitionInput,
  type TransitionState,
} from "./engine.ts";
import { EventListeners } from "./event_listeners.ts";
import { setScriptScan } from "./spawn_script.ts";
import type { Direction } from "../definitions/graph.ts";
import type { Live } from "../live/live.ts";
import type { Standing } from "../live/live_state.ts";
import type { TransitionWatcher } from "./watcher.ts";
import { ServicePath } from "../../servicedir/protocol.ts";

/** How a transition ended. */
export type TransitionEnd = "success" | "failure" | "timeout";

/** Prints a message, if the user asked for that verbosity. */
export type Say = (verbosity: 1 | 2 | 3, message: string) => void;

/** How to carry out a transition without changing anything. */
export interface DryRun {
  /** Milliseconds that each change takes. */
  readonly delay: number;
  /** Called for each service when it would be changed. */
  pretend(name: string, direction: Direction): void;
}

/** How to carry out a transition. */
export interface TransitionOptions {
  /** Called with each message. */
  readonly say: Say;
  /** Milliseconds until the transition gives up; undefined: never. */
  readonly timeout?: number | undefined;
  /** Change nothing, only pretend. */
  readonly dryRun?: DryRun | undefined;
  /** Interrupts the transition: no other change begins. */
  readonly signal?: AbortSignal | undefined;
  /** Is told how it goes on. */
  readonly watcher?: TransitionWatcher | undefined;
}

/** What a change is called in messages. */
const WORDS = {
  up: { verb: "start", doing: "starting", done: "started" },
  down: { verb: "stop", doing: "stopping", done: "stopped" },
} as const;

const DESCRIPTORS_PER_CHANGE = 4n;
const DESCRIPTORS_BESIDES = 64n;

/** Carries out a plan: gives the engine its inputs, and does what its effects say. */
export class Transition {
  readonly #live: Live;
  readonly #plan: Plan;
  readonly #options: TransitionOptions;
  readonly #result = Promise.withResolvers<TransitionEnd>();
  readonly #listeners = new EventListeners((node) =>
    `${this.#live.serviceDirectory(this.#definition(node).name)}/${ServicePath.event}`
  );
  readonly #changes = new Map<number, Change>();
  readonly #moments = new Map<number, Moments>();
  readonly #failures = new Map<number, string>();
  /** The nodes of which it is unknown how far they have got. */
  readonly #unknown = new Set<number>();
  /** Whether the user knows that supervisors are waited for. */
  #isWaitSaid = false;
  readonly #resources = new DisposableStack();
  #state: TransitionState;
  #inputs: TransitionInput[] = [];
  #ended = false;

  /**
   * @param live The live directory, locked exclusively.
   * @param plan What to do.
   * @param options How to do it.
   */
  constructor(live: Live, plan: Plan, options: TransitionOptions) {
    this.#live = live;
    this.#plan = plan;
    this.#options = options;
    this.#state = initialTransitionState(plan);
    setScriptScan(live.scandir);
  }

  /** When the steps of each change happened, by node. */
  get moments(): ReadonlyMap<number, Moments> {
    return this.#moments;
  }

  /** Carries out the plan. */
  run(): Promise<TransitionEnd> {
    this.#makeRoom();
    const { timeout, signal } = this.#options;
    if (timeout !== undefined) {
      this.#resources.use(reactor().after(timeout, () => this.#end("timeout")));
    }
    if (signal !== undefined) {
      const interrupt = () => this.#feed({ name: "interrupt" });
      signal.addEventListener("abort", interrupt);
      this.#resources.defer(() => signal.removeEventListener("abort", interrupt));
    }
    this.#feed({ name: "begin" });
    if (signal?.aborted) this.#feed({ name: "interrupt" });
    return this.#result.promise;
  }

  /** Raises the soft limit on open files where the listeners and scripts may need more. */
  #makeRoom(): void {
    const needed = BigInt(this.#plan.selection.size) * DESCRIPTORS_PER_CHANGE + DESCRIPTORS_BESIDES;
    const { soft, hard } = openFiles();
    if (soft < needed && soft < hard) setSoftOpenFiles(hard);
  }

  /** Collects the inputs of one turn, so that the state file is written once for all of them. */
  #feed(input: TransitionInput): void {
    if (this.#inputs.push(input) === 1) queueMicrotask(() => this.#process());
  }

  #process(): void {
    const inputs = this.#inputs;
    this.#inputs = [];
    if (this.#ended) return;
    const effects: TransitionEffect[] = [];
    for (const input of inputs) {
      const [state, more] = advance(this.#plan, this.#state, input);
      this.#state = state;
      effects.push(...more);
    }
    try {
      this.#remember(effects);
      for (const effect of effects) this.#carryOut(effect);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (inputs[0]?.name === "begin") this.#prepareListeners();
    this.#options.watcher?.turned(this.#state.progress, effects);
  }

  #fail(error: unknown): void {
    this.#dispose();
    this.#result.reject(error);
  }

  /**
   * Records what the effects begin and what has arrived. That comes before the effects are carried
   * out: if this command is killed, the next one knows which services may be half way.
   */
  #remember(effects: readonly TransitionEffect[]): void {
    if (this.#options.dryRun !== undefined) return;
    const { direction } = this.#plan;
    const changes = new Map<string, Standing | undefined>();
    for (const effect of effects) {
      if (effect.do === "arrived") {
        const definition = this.#definition(effect.node);
        if (definition.type === "longrun") {
          this.#live.markDown(definition.name, direction === "down");
        }
        changes.set(definition.name, direction === "up" ? "up" : undefined);
      } else if (effect.do === "change") {
        const standing = direction === "up" ? "starting" : "stopping";
        changes.set(this.#definition(effect.node).name, standing);
      } else if (effect.do === "giveUp") {
        // A service that failed to start is told to stop. How far a failed stop got is unknown.
        const standing = direction === "down"
          ? "stopping"
          : this.#unknown.has(effect.node)
          ? "starting"
          : undefined;
        changes.set(this.#definition(effect.node).name, standing);
      }
    }
    if (changes.size > 0) this.#live.remember(changes);
  }

  #carryOut(effect: TransitionEffect): void {
    switch (effect.do) {
      case "change":
        return this.#change(effect.node);
      case "arrived":
        this.#isWaitSaid = false;
        this.#release(effect.node);
        return this.#options.say(
          2,
          `service ${this.#definition(effect.node).name}: successfully ${this.#words.done}`,
        );
      case "giveUp":
        return this.#giveUp(effect.node);
      case "refuse":
        this.#options.watcher?.failing(effect.node, effect.reason);
        return this.#sayFailure(effect.node, effect.reason);
      case "keep":
        return this.#options.say(
          1,
          `warning: service ${this.#definition(effect.node).name} is essential: not stopping it; ` +
            "-D would",
        );
      case "abandon":
        for (const node of effect.nodes) this.#changes.get(node)?.abandon();
        return;
      case "end":
        // The outcomes of abandoned changes may still be among the inputs.
        if (this.#state.changing === 0 && this.#inputs.length === 0) {
          this.#end(effect.success ? "success" : "failure");
        }
    }
  }

  get #words() {
    return WORDS[this.#plan.direction];
  }

  #definition(node: number): Atomic {
    return this.#plan.graph.nodes[node]!.definition;
  }

  #change(node: number): void {
    const { dryRun, say } = this.#options;
    const definition = this.#definition(node);
    say(2, `service ${definition.name}: ${this.#words.doing}`);
    let settled = false;
    const settle = (outcome: Outcome) => {
      settled = true;
      this.#settle(node, outcome);
    };
    if (dryRun !== undefined) {
      dryRun.pretend(definition.name, this.#plan.direction);
      this.#resources.use(reactor().after(dryRun.delay, () => settle({ success: true })));
      return;
    }
    try {
      const change = this.#begin(node, definition, settle);
      this.#moments.set(node, change.moments);
      if (!settled) this.#changes.set(node, change);
    } catch (error) {
      settle({ success: false, reason: reasonOf(error) });
    }
  }

  #begin(node: number, definition: Atomic, settle: Settle): Change {
    const { direction } = this.#plan;
    const timeout = direction === "up" ? definition.timeoutUp : definition.timeoutDown;
    if (definition.type === "oneshot") {
      return new OneshotChange(definition, {
        live: this.#live.path,
        script: direction,
        timeout,
        warn: (message) => this.#options.say(1, message),
        settle,
      });
    }
    const directory = this.#live.serviceDirectory(definition.name);
    const { name } = definition;
    const { say } = this.#options;
    const live = this.#live;
    return new LongrunChange(definition, directory, this.#listeners.get(node), {
      direction,
      timeout,
      isLimited: this.#options.timeout !== undefined,
      get scandir() {
        return live.scandir;
      },
      warn: (message) => say(1, `warning: service ${name} ${message}`),
      onUnsupervised: () => this.#sayWait(name),
      onEvent: () => this.#options.watcher?.stirred(),
    }, settle);
  }

  /** Says that supervisors are waited for: once, because all are gone when their scan is. */
  #sayWait(name: string): void {
    if (this.#isWaitSaid) return;
    this.#isWaitSaid = true;
    this.#options.say(
      1,
      `warning: service ${name} has no supervisor: waiting for a scan of ${this.#live.scandir}`,
    );
  }

  #settle(node: number, outcome: Outcome): void {
    if (this.#ended) return;
    if (!outcome.success) {
      this.#failures.set(node, outcome.reason);
      if (outcome.isUnknown) this.#unknown.add(node);
      this.#options.watcher?.failing(node, outcome.reason);
    }
    this.#feed({ name: outcome.success ? "succeeded" : "failed", node });
  }

  #giveUp(node: number): void {
    const definition = this.#definition(node);
    this.#sayFailure(node, this.#failures.get(node)!);
    if (definition.type === "longrun" && this.#options.dryRun === undefined) {
      LongrunChange.giveUp(this.#live.serviceDirectory(definition.name));
    }
    this.#release(node);
  }

  #sayFailure(node: number, reason: string): void {
    const { name } = this.#definition(node);
    this.#options.say(1, `warning: unable to ${this.#words.verb} service ${name}: ${reason}`);
  }

  /** Makes the listeners for the longruns that wait, while the first services start. */
  #prepareListeners(): void {
    if (this.#options.dryRun !== undefined) return;
    const isWaiting = (node: number) => this.#state.progress[node] === "waiting";
    this.#listeners.prepare(
      [...this.#plan.selection].filter((node) =>
        isWaiting(node) && this.#definition(node).type === "longrun"
      ),
      isWaiting,
    );
  }

  #release(node: number): void {
    this.#changes.delete(node);
    this.#listeners.release(node);
  }

  #end(end: TransitionEnd): void {
    if (this.#ended) return;
    this.#dispose();
    this.#result.resolve(end);
  }

  #dispose(): void {
    this.#ended = true;
    for (const change of this.#changes.values()) change.abandon();
    this.#listeners[Symbol.dispose]();
    this.#resources.dispose();
  }
}
