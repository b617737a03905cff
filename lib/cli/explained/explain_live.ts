import type { Facts } from "../../explain/facts.ts";
import { readChangeRecord } from "../../rc/live/change_record.ts";
import { Live } from "../../rc/live/live.ts";
import type { LivePlace } from "../../servicedir/live_of.ts";
import { RcExplainer, type RcMoment } from "./rc_explainer.ts";

/** Returns what explains the services of a live directory that is open for reading, as it is now. */
export function explainerOf(live: Live, start: RcMoment["start"]): RcExplainer {
  // The record is read after the state: what has failed is recorded first.
  const isChanging = live.isChanging;
  return new RcExplainer(live, { record: readChangeRecord(live.path), isChanging, start });
}

/** Live directories, each read once, as they are at one moment. */
export class LiveMoment implements Disposable {
  readonly #opened = new DisposableStack();
  readonly #known = new Map<string, { live: Live; explainer: RcExplainer } | undefined>();

  #at(path: string) {
    if (this.#known.has(path)) return this.#known.get(path);
    let known;
    try {
      const live = this.#opened.use(new Live(path, { purpose: "read" }));
      known = { live, explainer: explainerOf(live, (name) => `sv start ${name}`) };
    } catch {
      // It can't be read, or is damaged: the supervisor alone tells about the services.
    }
    this.#known.set(path, known);
    return known;
  }

  /**
   * Returns the facts about a service with what `sv rc` knows of it.
   *
   * @param facts What its supervisor tells.
   * @param place Its place in a live directory.
   */
  completed(facts: Facts, { live: path, name }: LivePlace): Facts {
    const known = this.#at(path);
    const node = known?.live.graph.find(name);
    if (known === undefined || node === undefined) return facts;
    const { rc, ...completed } = known.explainer.completed(node.index, facts);
    return { ...completed, rc: { ...rc!, start: `sv start ${facts.name}` } };
  }

  [Symbol.dispose](): void {
    this.#opened.dispose();
  }
}
