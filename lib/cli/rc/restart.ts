import type { Live } from "../../rc/live/live.ts";

/** Returns the names of the essential services that are up, and that a restart of others would stop. */
export function essentialsInWay(live: Live, selection: ReadonlySet<number>): string[] {
  const { certainlyDown, graph } = live;
  return [...graph.closure(selection, "down")]
    .filter((node) => graph.nodes[node]!.essential && !certainlyDown.has(node))
    .map((node) => graph.nodes[node]!.definition.name);
}
