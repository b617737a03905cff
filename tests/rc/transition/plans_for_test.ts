import { assertEquals } from "@std/assert";
import type { Live } from "../../../lib/rc/live/live.ts";
import { plansFor, type Request } from "../../../lib/rc/transition/plans_for.ts";
import { exampleGraph } from "../example_graph.ts";

const graph = await exampleGraph();

/** The plans for a request, in words: direction, services, and which of all are there already. */
function plans(names: readonly string[], request: Partial<Request>) {
  const name = (node: number) => graph.nodes[node]!.definition.name;
  const live = {
    graph,
    certainlyUp: new Set(graph.resolve("mount")),
    certainlyDown: new Set(graph.resolve("log")),
    serviceDirectory: (name: string) => `/nonexistent/${name}`,
  } as unknown as Live;
  const selection = new Set(names.flatMap((name) => [...graph.resolve(name)]));
  const all = { selection, direction: "up", prune: false, force: true, ...request } as const;
  return plansFor(live, all).map((plan) => {
    const { direction, selection, there, force } = plan();
    return {
      direction,
      selection: [...selection].map(name).sort(),
      there: [...there].map(name),
      force,
    };
  });
}

Deno.test("what goes up takes along all that it needs, what goes down all that needs it", () => {
  assertEquals(plans(["app"], {}), [{
    direction: "up",
    selection: ["app", "cache", "database", "mount"],
    there: ["mount"],
    force: true,
  }]);
  assertEquals(plans(["cache"], { direction: "down", force: false }), [{
    direction: "down",
    selection: ["app", "cache", "web"],
    there: ["log"],
    force: false,
  }]);
});

Deno.test("with pruning all others go the other way, and what goes down goes first", () => {
  const directions = (names: string[], request: Partial<Request>) =>
    plans(names, { prune: true, ...request }).map(({ direction, selection }) =>
      `${direction} ${selection}`
    );
  assertEquals(directions(["data"], {}), ["down app,log,web", "up cache,database,mount"]);
  assertEquals(directions(["app"], { direction: "down" }), [
    "down app,web",
    "up cache,database,log,mount",
  ]);
});
