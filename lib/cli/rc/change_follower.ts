import type { Explanation } from "../../explain/explanation.ts";
import { readOutput } from "../../explain/read_output.ts";
import { list } from "../../explain/words.ts";
import type { Live } from "../../rc/live/live.ts";
import { ChangeJournal } from "../../rc/transition/journal.ts";
import type { Plan, Progress, TransitionEffect } from "../../rc/transition/engine.ts";
import type { TransitionEnd } from "../../rc/transition/transition.ts";
import type { TransitionWatcher } from "../../rc/transition/watcher.ts";
import { isUp, readStatus } from "../../servicedir/status.ts";
import { oneLine } from "../one_line.ts";
import type { Progressing } from "./change_progress.ts";
import { RcExplainer } from "../explained/rc_explainer.ts";

/** How many of the last lines are kept of what a service printed before its change failed. */
const OUTPUT_LINES = 5;

const WORDS = {
  up: { doing: "starting", done: "started" },
  down: { doing: "stopping", done: "stopped" },
} as const;

/** Returns the process of a longrun; undefined where it has none, or that can't be known. */
function processOf(directory: string): number | undefined {
  try {
    const status = readStatus(directory);
    return isUp(status) ? status.pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Follows a transition: records what it is to bring about, knows what it waits for, and explains in the end what
 * was not done.
 */
export class ChangeFollower implements TransitionWatcher, Disposable {
  readonly #live: Live;
  readonly #plan: Plan;
  readonly #journal: ChangeJournal;
  readonly #onNews: () => void;
  readonly #since = new Map<number, number>();
  readonly #failures = new Map<number, Explanation | undefined>();
  #progress: readonly Progress[] = [];

  /**
   * @param live The live directory, which is locked for a change.
   * @param plan What is wanted.
   * @param onNews Called when something has happened.
   */
  constructor(live: Live, plan: Plan, onNews: () => void) {
    this.#live = live;
    this.#plan = plan;
    this.#onNews = onNews;
    this.#journal = new ChangeJournal(live, plan, (node) => this.#outputOf(node));
  }

  #name(node: number): string {
    return this.#plan.graph.nodes[node]!.definition.name;
  }

  /** Returns the last lines of a longrun's output: those that the longrun which reads it has logged, say. */
  #outputOf(node: number): readonly string[] {
    const { definition } = this.#plan.graph.nodes[node]!;
    if (definition.type !== "longrun") return [];
    const { name, producerFor } = definition;
    const dir = this.#live.serviceDirectory(producerFor ?? name);
    const pid = producerFor === undefined ? processOf(dir) : undefined;
    return readOutput(dir, pid, OUTPUT_LINES).map(({ text }) => text);
  }

  #explainer(): RcExplainer {
    const { record } = this.#journal;
    return new RcExplainer(this.#live, {
      record,
      isChanging: true,
      start: (name) => `sv rc start ${name}`,
    });
  }

  turned(progress: readonly Progress[], effects: readonly TransitionEffect[]): void {
    this.#progress = progress;
    for (const effect of effects) {
      if (effect.do === "change") this.#since.set(effect.node, Date.now());
    }
    this.#journal.turned(progress, effects);
    this.#onNews();
  }

  failing(node: number, reason: string): void {
    const isLongrun = this.#plan.graph.nodes[node]!.definition.type === "longrun";
    const explanation = isLongrun && this.#progress[node] === "changing"
      ? this.#explainer().explanationOf(node)
      : undefined;
    // The reason of the failure says it already.
    const tells = !["failed", "unsupervised", "abandoned"].includes(explanation?.state ?? "") &&
      !reason.startsWith("interrupted");
    this.#failures.set(node, tells ? explanation : undefined);
    this.#journal.failing(node, reason);
  }

  stirred(): void {
    this.#onNews();
  }

  #nodesThat(is: Progress): number[] {
    return [...this.#plan.selection].filter((node) => this.#progress[node] === is);
  }

  /** How far the transition has got. */
  get progressing(): Progressing {
    const explainer = this.#explainer();
    return {
      doing: WORDS[this.#plan.direction].doing,
      done: this.#nodesThat("done").length,
      all: this.#plan.selection.size,
      awaited: this.#nodesThat("changing").map((node) => ({
        name: this.#name(node),
        since: this.#since.get(node) ?? Date.now(),
        reason: explainer.explanationOf(node).reason,
      })).sort((a, b) => a.since - b.since),
    };
  }

  /** Returns lines that tell which services were not changed, and why. */
  unfinished(end: TransitionEnd): string[] {
    const lines = [...this.#failures].flatMap(([node, explanation]) =>
      explanation === undefined ? [] : this.#lines(node, explanation)
    );
    if (end === "timeout") {
      const explainer = this.#explainer();
      for (const node of this.#nodesThat("changing")) {
        lines.push(...this.#lines(node, explainer.explanationOf(node)));
      }
    }
    return [...lines, ...this.#heldUp()];
  }

  #lines(node: number, { next, reason, state }: Explanation): string[] {
    const output = this.#journal.record.get(this.#name(node))?.failure?.output ??
      this.#outputOf(node);
    const then = next === "" || this.#failures.has(node) ? "" : `; ${next}`;
    return [
      oneLine(`service ${this.#name(node)}: ${state}: ${reason}${then}`),
      ...output.map((line) => `service ${this.#name(node)} has printed: ${oneLine(line)}`),
    ];
  }

  /** Returns a line for each service that holds up others, with these. */
  #heldUp(): string[] {
    const { direction, graph } = this.#plan;
    const causes = new Map<number, number>();
    const causeOf = (node: number): number => {
      const chain: number[] = [];
      let cause = node;
      while (this.#progress[cause] === "waiting") {
        const known = causes.get(cause);
        const before = known ??
          graph.before(cause, direction).find((other) => this.#progress[other] !== "done");
        chain.push(cause);
        if (before === undefined) break;
        cause = before;
      }
      for (const one of chain) causes.set(one, cause);
      return cause;
    };
    const held = Map.groupBy(this.#nodesThat("waiting"), causeOf);
    const { done } = WORDS[direction];
    return [...held].filter(([cause]) => this.#progress[cause] !== "waiting").map((
      [cause, nodes],
    ) =>
      `not ${done}, because of ${this.#name(cause)}: ${
        list(nodes.map((node) => this.#name(node)).sort(), 10)
      }`
    );
  }

  /** Writes what is recorded in the end. */
  [Symbol.dispose](): void {
    this.#journal[Symbol.dispose]();
  }
}
