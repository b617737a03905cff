import { reactor } from "../../os/reactor.ts";
import {
  type ChangeRecord,
  formatChangeRecord,
  readChangeRecord,
  type ServiceChange,
  writeChangeRecord,
} from "../live/change_record.ts";
import type { Live } from "../live/live.ts";
import type { Plan, Progress, TransitionEffect } from "./engine.ts";
import type { TransitionWatcher } from "./watcher.ts";

/** Milliseconds after which what is wanted is written: most changes have ended by then. */
const SETTLE = 100;

/**
 * Records what a transition is to bring about, and what has failed, for those that ask while it goes on or
 * later. Nothing depends on it: where it can't be written, the transition goes on.
 */
export class ChangeJournal implements TransitionWatcher, Disposable {
  readonly #live: Live;
  readonly #plan: Plan;
  readonly #outputOf: (node: number) => readonly string[];
  readonly #services: Map<string, ServiceChange>;
  #written: string;
  #timer: Disposable | undefined;

  /**
   * @param live The live directory, which is locked for a change.
   * @param plan What is wanted.
   * @param outputOf Returns the last lines that a service has printed.
   */
  constructor(live: Live, plan: Plan, outputOf: (node: number) => readonly string[]) {
    this.#live = live;
    this.#plan = plan;
    this.#outputOf = outputOf;
    const before = readChangeRecord(live.path);
    this.#written = formatChangeRecord(before);
    this.#services = new Map(
      [...before].filter(([name]) => live.graph.find(name) !== undefined),
    );
    const since = Date.now();
    for (const node of plan.selection) {
      const name = this.#nameOf(node);
      if (!plan.there.has(node)) this.#services.set(name, { wanted: plan.direction, since });
      // What is there already is wanted otherwise no more; a oneshot's date stays.
      else if (plan.direction === "down" || this.#services.get(name)?.reached === undefined) {
        this.#services.delete(name);
      }
    }
  }

  /** What is recorded. */
  get record(): ChangeRecord {
    return this.#services;
  }

  #nameOf(node: number): string {
    return this.#plan.graph.nodes[node]!.definition.name;
  }

  turned(_progress: readonly Progress[], effects: readonly TransitionEffect[]): void {
    for (const effect of effects) if (effect.do === "arrived") this.#arrived(effect.node);
    this.#timer ??= reactor().after(SETTLE, () => this.#write());
  }

  /** A longrun that has arrived has a status of its own, which tells since when it is up. */
  #arrived(node: number): void {
    const { name, type } = this.#plan.graph.nodes[node]!.definition;
    const { wanted, since } = this.#services.get(name) ?? { wanted: undefined, since: 0 };
    if (wanted === "up" && type === "oneshot") {
      this.#services.set(name, { wanted, since, reached: Date.now() });
    } else this.#services.delete(name);
  }

  failing(node: number, reason: string): void {
    const name = this.#nameOf(node);
    const at = Date.now();
    const change = this.#services.get(name) ?? { wanted: this.#plan.direction, since: at };
    const failure = { at, reason, output: this.#outputOf(node) };
    this.#services.set(name, { ...change, failure });
    if (this.#timer !== undefined) this.#write();
  }

  stirred(): void {}

  #write(): void {
    const text = formatChangeRecord(this.#services);
    if (text === this.#written) return;
    this.#written = text;
    try {
      writeChangeRecord(this.#live.path, this.#services);
    } catch {
      // The disk is full, say: explanations know less.
    }
  }

  /** Writes what is recorded in the end. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#write();
  }
}
