import { explain } from "../../explain/explain.ts";
import { explainBundle } from "../../explain/explain_bundle.ts";
import type { Explanation } from "../../explain/explanation.ts";
import { STATES } from "../../explain/states.ts";
import { readChangeRecord, type ServiceChange } from "../../rc/live/change_record.ts";
import type { Live } from "../../rc/live/live.ts";
import { readyAfter, since } from "../status/columns.ts";
import { isRunning, type Report, reportOn } from "../status/report.ts";
import { RcExplainer } from "../explained/rc_explainer.ts";

/** How a service of a live directory is, and why. */
export interface RcReport {
  readonly name: string;
  readonly type: "longrun" | "oneshot" | "bundle";
  readonly explanation: Explanation;
  /** Whether it is to be up; of a bundle: whether one of its services is. */
  readonly isWanted: boolean;
  /** What its supervisor tells; undefined for a oneshot and a bundle. */
  readonly supervised: Report | undefined;
  /** Milliseconds since it went up or down; undefined where that is not known. */
  readonly since: number | undefined;
  /** The names of the services that it needs, and that need it. */
  readonly needs: readonly string[];
  readonly neededBy: readonly string[];
  /** The services that a bundle stands for. */
  readonly contents: readonly string[];
  /** Why its last change failed. */
  readonly failure: ServiceChange["failure"];
}

/** What is told of a live directory at one moment. */
export interface RcStatus {
  /** Whether a command is changing it. */
  readonly isChanging: boolean;
  readonly reports: readonly RcReport[];
}

/**
 * Reports on services of a live directory.
 *
 * @param live The live directory, open for reading.
 * @param names The services and bundles; undefined: all.
 * @param lines How many of the last lines of their output are read.
 */
export function reportOnLive(
  live: Live,
  names: readonly string[] | undefined,
  lines: number,
): RcStatus {
  const { graph, isChanging } = live;
  const record = readChangeRecord(live.path);
  const start = (name: string) => `sv rc start ${name}`;
  const explainer = new RcExplainer(live, { record, isChanging, start });
  const wanted = (names ?? graph.names).map((name) => ({ name, node: graph.find(name) }));
  const nodes = new Set(wanted.flatMap(({ name }) => graph.resolve(name)));
  const longruns = graph.nodes.filter(({ definition: { type }, index }) =>
    type === "longrun" && nodes.has(index)
  );
  const supervised = reportOn(
    longruns.map(({ definition: { name } }) => ({ name, dir: live.serviceDirectory(name) })),
    lines,
  ).map((report, index): Report => {
    const facts = explainer.completed(longruns[index]!.index, report.facts);
    return { ...report, facts, explanation: explain(facts) };
  });
  const byNode = new Map(longruns.map(({ index }, at) => [index, supervised[at]!]));
  const nameOf = (node: number) => graph.nodes[node]!.definition.name;
  const isWanted = (node: number) => {
    const change = record.get(nameOf(node));
    const standing = live.standing(node);
    return standing === "up" || standing === "starting" ||
      (standing === undefined && change?.wanted === "up");
  };
  const explained = new Map(
    [...nodes].map((node) =>
      [node, byNode.get(node)?.explanation ?? explainer.explanationOf(node)] as const
    ),
  );
  const reports = wanted.map(({ name, node }): RcReport => {
    if (node === undefined) {
      const members = graph.resolve(name);
      return {
        name,
        type: "bundle",
        explanation: explainBundle(
          members.map((member) => ({ name: nameOf(member), explanation: explained.get(member)! })),
        ),
        isWanted: members.some(isWanted),
        supervised: undefined,
        since: undefined,
        needs: [],
        neededBy: [],
        contents: members.map(nameOf).sort(),
        failure: undefined,
      };
    }
    const { definition: { type }, dependencies, dependents, index } = node;
    const report = byNode.get(index);
    const change = record.get(name);
    const date = change?.reached ?? change?.since;
    return {
      name,
      type,
      explanation: explained.get(index)!,
      isWanted: isWanted(index),
      supervised: report,
      since: report === undefined ? date && Math.max(Date.now() - date, 0) : since(report),
      needs: dependencies.map(nameOf).sort(),
      neededBy: dependents.map(nameOf).sort(),
      contents: [],
      failure: change?.failure,
    };
  });
  return { isChanging, reports };
}

/** Whether a service that is wanted up is ready, as far as it can tell. */
export function isAsItShallBe({ explanation: { state }, isWanted }: RcReport): boolean {
  const { tone } = STATES[state];
  return tone === "good" || state === "reloading" || state === "partial" ||
    (!isWanted && tone !== "bad");
}

/** The version of the schema: raised when a field changes its meaning, or goes. */
const VERSION = 1;

/** Returns how the services of a live directory are, as one JSON object. */
export function rcStatusJson(live: string, { isChanging, reports }: RcStatus): string {
  return JSON.stringify({
    version: VERSION,
    live: live.toWellFormed(),
    changing: isChanging,
    services: reports.map((report) => {
      const { contents, explanation, failure, isWanted, name, needs, neededBy, supervised, type } =
        report;
      const { next, reason, state } = explanation;
      const isUp = supervised === undefined
        ? ["ready", "stopping"].includes(state)
        : isRunning(supervised);
      const wellFormed = (texts: readonly string[]) => texts.map((text) => text.toWellFormed());
      return {
        name: name.toWellFormed(),
        type,
        state,
        reason: reason.toWellFormed(),
        next: next.toWellFormed() || null,
        wantedUp: isWanted,
        up: isUp,
        ready: supervised === undefined
          ? state === "ready"
          : supervised.facts.status?.ready ?? false,
        pid: supervised !== undefined && isUp ? supervised.facts.status!.pid : null,
        sinceMilliseconds: report.since ?? null,
        readyAfterMilliseconds: supervised === undefined ? null : readyAfter(supervised) ?? null,
        needs: wellFormed(needs),
        neededBy: wellFormed(neededBy),
        contents: wellFormed(contents),
        failure: failure === undefined ? null : {
          milliseconds: Math.max(Date.now() - failure.at, 0),
          reason: failure.reason.toWellFormed(),
          output: wellFormed(failure.output),
        },
        output: wellFormed(supervised?.facts.output ?? []),
      };
    }),
  });
}
