import type { Direction, Graph } from "../definitions/graph.ts";
import type { Live } from "../live/live.ts";
import { readFailure } from "../../servicedir/failure.ts";
import { permanentFailure } from "./deaths.ts";
import type { Plan } from "./engine.ts";

/** What the user asks for. */
export interface Request {
  /** The nodes that were named. */
  readonly selection: ReadonlySet<number>;
  /** Whether they go up or down. */
  readonly direction: Direction;
  /** Whether all other nodes go the other way. */
  readonly prune: boolean;
  /** Whether essential services are stopped, too. */
  readonly force: boolean;
  /** Nodes that count as up although they have failed permanently. */
  readonly revived?: ReadonlySet<number> | undefined;
}

/** Returns all nodes that are not in a selection. */
export function complement(graph: Graph, selection: ReadonlySet<number>): Set<number> {
  return new Set(graph.nodes.map(({ index }) => index).filter((index) => !selection.has(index)));
}

/**
 * Returns the longruns of a selection that were started and have failed permanently since, and why. Under s6
 * that can't be known.
 */
function brokenOf(
  live: Live,
  selection: ReadonlySet<number>,
  up: ReadonlySet<number>,
): Map<number, string> {
  const broken = new Map<number, string>();
  for (const node of selection) {
    const { name, type } = live.graph.nodes[node]!.definition;
    if (type !== "longrun" || !up.has(node)) continue;
    const directory = live.serviceDirectory(name);
    if (readFailure(directory)?.kind !== "permanent") continue;
    broken.set(node, `${permanentFailure(directory)}; stop it, and start it again`);
  }
  return broken;
}

interface PlanOptions extends Pick<Request, "force" | "revived"> {
  /** Nodes that an earlier plan has stopped. */
  readonly stopped?: ReadonlySet<number>;
}

function planFor(
  live: Live,
  direction: Direction,
  selection: ReadonlySet<number>,
  { force, revived = new Set(), stopped = new Set() }: PlanOptions,
): Plan {
  const there = (direction === "up" ? live.certainlyUp : live.certainlyDown).difference(stopped);
  const broken = direction === "up"
    ? brokenOf(live, selection, there.difference(revived))
    : new Map();
  return { graph: live.graph, direction, selection, there, broken, force };
}

/**
 * Returns the plans that restart services: down with all that depend on them, then up with those of these that
 * were up. The second is also for the case that something could not be stopped.
 */
export function restartPlans(
  live: Live,
  selection: ReadonlySet<number>,
  force: boolean,
): (() => Plan)[] {
  const { graph } = live;
  const stopped = graph.closure(selection, "down");
  const again = [...stopped].filter((node) => live.standing(node) !== undefined);
  const started = graph.closure([...selection, ...again], "up");
  return [
    () => planFor(live, "down", stopped, { force }),
    // A dry run has stopped nothing.
    () => planFor(live, "up", started, { force, stopped }),
  ];
}

/**
 * Returns the plans that carry out a request: one after the other, each only if the one before it
 * succeeded. Each is a function, called when its turn comes: what is up then decides what it does.
 */
export function plansFor(
  live: Live,
  { selection, direction, prune, force, revived }: Request,
): (() => Plan)[] {
  const { graph } = live;
  const closed = graph.closure(selection, direction);
  const plan = (direction: Direction, selection: ReadonlySet<number>) => () =>
    planFor(live, direction, selection, { force, revived });
  if (!prune) return [plan(direction, closed)];
  const others = complement(graph, closed);
  return direction === "up"
    ? [plan("down", others), plan("up", closed)]
    : [plan("down", closed), plan("up", others)];
}
