import type { Direction, Graph } from "../definitions/graph.ts";
import type { Live } from "../live/live.ts";
import type { Plan } from "./engine.ts";

/** What a user asks for. */
export interface Request {
  /** The nodes that were named. */
  readonly selection: ReadonlySet<number>;
  /** Where they are to go. */
  readonly direction: Direction;
  /** Whether all others are to go the other way. */
  readonly prune: boolean;
  /** Whether essential services are stopped, too. */
  readonly force: boolean;
}

/** Everything that is not in a selection. */
export function complement(graph: Graph, selection: ReadonlySet<number>): Set<number> {
  return new Set(graph.nodes.map(({ index }) => index).filter((index) => !selection.has(index)));
}

/**
 * The plans that a request comes to, to be carried out one after the other, each only where the one
 * before it succeeded. What is there already is looked up when a plan's turn comes.
 */
export function plansFor(
  live: Live,
  { selection, direction, prune, force }: Request,
): (() => Plan)[] {
  const { graph } = live;
  const closed = graph.closure(selection, direction);
  const plan = (direction: Direction, selection: ReadonlySet<number>) => () => ({
    graph,
    direction,
    selection,
    there: direction === "up" ? live.certainlyUp : live.certainlyDown,
    force,
  });
  if (!prune) return [plan(direction, closed)];
  const others = complement(graph, closed);
  return direction === "up"
    ? [plan("down", others), plan("up", closed)]
    : [plan("down", closed), plan("up", others)];
}
