import { explain } from "../../explain/explain.ts";
import { explainOneshot } from "../../explain/explain_oneshot.ts";
import type { Explanation } from "../../explain/explanation.ts";
import type { Dependency, Facts, RcFacts } from "../../explain/facts.ts";
import { readFactsOf } from "../../explain/read_facts.ts";
import { readFailure } from "../../servicedir/failure.ts";
import { STATES } from "../../explain/states.ts";
import { wallClock } from "../../os/clock.ts";
import type { ChangeRecord } from "../../rc/live/change_record.ts";
import type { Live } from "../../rc/live/live.ts";
import { runningScript } from "../../rc/live/script_process.ts";
import type { Instant } from "../../tai/tai64n.ts";

/** Returns a date in milliseconds since 1970 as an instant; one in the future as now. */
function instant(date: number): Instant {
  const now = wallClock();
  const then = BigInt(Math.round(date)) * 1_000_000n;
  return then > now ? now : then;
}

/** What is known besides the live directory. */
export interface RcMoment {
  /** What the last changes were to bring about. */
  readonly record: ChangeRecord;
  /** Whether a command is changing the live directory. */
  readonly isChanging: boolean;
  /** Returns the command that starts a service, by its name. */
  readonly start: (name: string) => string;
}

/**
 * Explains the services of a live directory at one moment: each by what is recorded of it and, where it waits
 * for others, by the first cause of that.
 */
export class RcExplainer {
  readonly #live: Live;
  readonly #moment: RcMoment;
  /** By nodes that wait: what they wait for in the end. */
  readonly #causes = new Map<number, number>();
  readonly #own = new Map<number, Explanation>();

  /**
   * @param live The live directory.
   * @param moment What is known besides.
   */
  constructor(live: Live, moment: RcMoment) {
    this.#live = live;
    this.#moment = moment;
  }

  #definition(node: number) {
    return this.#live.graph.nodes[node]!.definition;
  }

  /** Returns what a service needs that is not up, where it is to go up and waits. */
  #needed(node: number): readonly number[] {
    const { name } = this.#definition(node);
    const change = this.#moment.record.get(name);
    const isWaiting = change?.wanted === "up" && change.failure === undefined &&
      this.#live.standing(node) === undefined;
    if (!isWaiting) return [];
    return this.#live.graph.nodes[node]!.dependencies
      .filter((other) => this.#live.standing(other) !== "up" || this.#hasFailedForGood(other));
  }

  /** Whether a service was up, and its supervisor has given it up since: nothing that needs it is started. */
  #hasFailedForGood(node: number): boolean {
    const { name, type } = this.#definition(node);
    return type === "longrun" &&
      readFailure(this.#live.serviceDirectory(name))?.kind === "permanent";
  }

  /** Returns the service at the end of a chain of services that wait: the one that does not. */
  #causeOf(node: number): number {
    const chain: number[] = [];
    let cause = node;
    for (;;) {
      const known = this.#causes.get(cause);
      if (known !== undefined) {
        cause = known;
        break;
      }
      const needed = this.#needed(cause);
      if (needed.length === 0) break;
      chain.push(cause);
      // What has failed, or is under way, tells more than what has not begun.
      cause = needed.find((other) => this.#moment.record.get(this.#name(other))?.failure) ??
        needed.find((other) => this.#live.standing(other) !== undefined) ?? needed[0]!;
    }
    for (const one of chain) this.#causes.set(one, cause);
    return cause;
  }

  #name(node: number): string {
    return this.#definition(node).name;
  }

  /** Returns the explanation of a service that does not wait for others. */
  #ownExplanation(node: number): Explanation {
    let own = this.#own.get(node);
    if (own === undefined) {
      own = this.#explain(node, []);
      this.#own.set(node, own);
    }
    return own;
  }

  #dependency(node: number): Dependency {
    const name = this.#name(node);
    const cause = this.#causeOf(node);
    if (cause === node) return { name, ...this.#ownExplanation(node) };
    const state = this.#moment.isChanging ? "waiting" : "blocked";
    return { name, state, reason: "", cause: this.#dependency(cause) };
  }

  /** Returns what a service waits for, what is most urgent first. */
  waitsFor(node: number): Dependency[] {
    const urgencyOf = ({ cause, state }: Dependency) =>
      STATES[(cause?.state ?? state) as keyof typeof STATES].urgency;
    return this.#needed(node).map((other) => this.#dependency(other))
      .sort((a, b) => urgencyOf(b) - urgencyOf(a));
  }

  /** Returns what is recorded of a service, as facts. */
  rcFacts(node: number): RcFacts {
    const name = this.#name(node);
    const { isChanging, record, start } = this.#moment;
    const { failure, since = 0, wanted } = record.get(name) ?? {};
    const standing = this.#live.standing(node);
    const hasArrived = wanted === undefined || standing === (wanted === "up" ? "up" : undefined);
    return {
      start: start(name),
      isChanging,
      wanted: hasArrived ? undefined : { direction: wanted, since: instant(since) },
      failure: failure && !hasArrived
        ? { why: failure.reason, at: instant(failure.at) }
        : undefined,
    };
  }

  /** Adds to the facts about a longrun what `sv rc` knows of it. */
  completed(node: number, facts: Facts): Facts {
    return { ...facts, rc: this.rcFacts(node), waitsFor: this.waitsFor(node) };
  }

  /** Explains a service. */
  explanationOf(node: number): Explanation {
    return this.#explain(node, this.waitsFor(node));
  }

  /** Returns the last lines that a service had printed when its last change failed. */
  outputOf(node: number): readonly string[] {
    return this.#moment.record.get(this.#name(node))?.failure?.output ?? [];
  }

  #explain(node: number, waitsFor: readonly Dependency[]): Explanation {
    const definition = this.#definition(node);
    const { name } = definition;
    const rc = this.rcFacts(node);
    if (definition.type === "longrun") {
      return explain({ ...readFactsOf(this.#live.serviceDirectory(name), name), rc, waitsFor });
    }
    const { reached, since } = this.#moment.record.get(name) ?? {};
    const standing = this.#live.standing(node) ?? "down";
    const pid = standing === "up" ? undefined : runningScript(this.#live.path, name);
    return explainOneshot({
      name,
      now: wallClock(),
      rc,
      waitsFor,
      standing,
      reached: reached === undefined ? undefined : instant(reached),
      script: pid === undefined
        ? undefined
        : { pid, since: since === undefined ? undefined : instant(since) },
      timeout: standing === "stopping" ? definition.timeoutDown : definition.timeoutUp,
    });
  }
}
