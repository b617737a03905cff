import { assert, assertEquals } from "@std/assert";
import type { Plan } from "../../../lib/rc/transition/engine.ts";
import type { Direction, Graph } from "../../../lib/rc/definitions/graph.ts";
import { type Random, seeds, withRandom } from "../../support/random.ts";
import { randomGraph, randomNodes } from "./random_graph.ts";
import { simulate, type Simulation } from "./simulated_transition.ts";

const SIZES = [1, 2, 5, 20, 100, 500];
const GRAPHS_OF_A_SIZE = 30;

interface World {
  readonly random: Random;
  readonly graph: Graph;
  readonly durations: readonly number[];
  /** A set of services that can be up: with each, all its dependencies. */
  readonly up: ReadonlySet<number>;
}

/** Checks a property on many random graphs: of each size with the seeds 1000 × size + 0, 1, 2, … */
function onRandomGraphs(property: (world: World) => void): void {
  for (const size of SIZES) {
    const rounds = Array.from({ length: GRAPHS_OF_A_SIZE }, (_, round) => size * 1000 + round);
    for (const seed of seeds(...rounds)) {
      withRandom(seed, (random) => {
        const graph = randomGraph(random, size);
        const durations = graph.nodes.map(() => 1 + random.below(100));
        const up = graph.closure(randomNodes(random, graph, random.next() * 0.5), "up");
        property({ random, graph, durations, up });
      });
    }
  }
}

function planFor({ random, graph, up }: World, direction: Direction, force = true): Plan {
  const selection = graph.closure(randomNodes(random, graph, random.next()), direction);
  const there = direction === "up"
    ? up
    : new Set(graph.nodes.map(({ index }) => index).filter((index) => !up.has(index)));
  return { graph, direction, selection, there, force };
}

function assertInOrder({ graph, direction, there }: Plan, { begun, arrived }: Simulation): void {
  for (const [node, time] of begun) {
    for (const other of graph.before(node, direction)) {
      const when = there.has(other) ? -Infinity : arrived.get(other);
      assert(when !== undefined && when <= time, `${node} was changed before ${other} had been`);
    }
  }
}

Deno.test("no service starts before all that it depends on is ready", () => {
  onRandomGraphs((world) => {
    const plan = planFor(world, "up");
    assertInOrder(
      plan,
      simulate(plan, (node) => ({
        duration: world.durations[node]!,
        fails: world.random.chance(0.05),
      })),
    );
  });
});

Deno.test("no service is stopped before all that depend on it are down", () => {
  onRandomGraphs((world) => {
    const plan = planFor(world, "down", world.random.chance(0.5));
    assertInOrder(
      plan,
      simulate(plan, (node) => ({
        duration: world.durations[node]!,
        fails: world.random.chance(0.05),
      })),
    );
  });
});

Deno.test("a service is changed in the very moment in which nothing holds it up any more", () => {
  onRandomGraphs((world) => {
    for (const direction of ["up", "down"] as const) {
      const plan = planFor(world, direction);
      const { begun, arrived } = simulate(plan, (node) => ({
        duration: world.durations[node]!,
        fails: false,
      }));
      for (const [node, time] of begun) {
        const before = world.graph.before(node, direction).map((other) => arrived.get(other) ?? 0);
        assertEquals(time, Math.max(0, ...before));
      }
    }
  });
});

Deno.test("the makespan is the length of the critical path", () => {
  onRandomGraphs((world) => {
    for (const direction of ["up", "down"] as const) {
      const plan = planFor(world, direction);
      const { end, success, progress } = simulate(plan, (node) => ({
        duration: world.durations[node]!,
        fails: false,
      }));
      assertEquals(end, criticalPath(plan, world.durations));
      assert(success);
      for (const node of plan.selection) assertEquals(progress[node], "done");
    }
  });
});

/**
 * Returns the length of the longest chain, found without the engine: relaxed until nothing changes.
 */
function criticalPath({ graph, direction, selection, there }: Plan, durations: readonly number[]) {
  const finished = graph.nodes.map(() => 0);
  for (let changed = true; changed;) {
    changed = false;
    for (const node of selection) {
      const before = graph.before(node, direction).map((other) => finished[other]!);
      const own = there.has(node) ? 0 : durations[node]!;
      const end = own + Math.max(0, ...before);
      if (end > finished[node]!) {
        finished[node] = end;
        changed = true;
      }
    }
  }
  return Math.max(0, ...[...selection].map((node) => finished[node]!));
}

Deno.test("after failures exactly that is up which does not depend on one", () => {
  onRandomGraphs((world) => {
    const { graph, random } = world;
    const plan = planFor(world, "up");
    const failing = randomNodes(random, graph, 0.1);
    const { arrived, success, progress } = simulate(plan, (node) => ({
      duration: world.durations[node]!,
      fails: failing.has(node),
    }));
    const broken = graph.closure(
      [...failing].filter((node) => plan.selection.has(node) && !plan.there.has(node)),
      "down",
    );
    const expected = [...plan.selection].filter((node) =>
      !broken.has(node) && !plan.there.has(node)
    );
    assertEquals([...arrived.keys()].sort(byNumber), expected.sort(byNumber));
    assertEquals(success, ![...plan.selection].some((node) => progress[node] === "failed"));
  });
});

Deno.test("after failed stops exactly that is down on which nothing depends that stayed up", () => {
  onRandomGraphs((world) => {
    const { graph, random } = world;
    const plan = planFor(world, "down");
    const failing = randomNodes(random, graph, 0.1);
    const { arrived } = simulate(plan, (node) => ({
      duration: world.durations[node]!,
      fails: failing.has(node),
    }));
    const staying = graph.closure(
      [...failing].filter((node) => plan.selection.has(node) && !plan.there.has(node)),
      "up",
    );
    const expected = [...plan.selection].filter((node) =>
      !staying.has(node) && !plan.there.has(node)
    );
    assertEquals([...arrived.keys()].sort(byNumber), expected.sort(byNumber));
  });
});

Deno.test("essential services stay up, with all that they need, and that is no failure", () => {
  onRandomGraphs((world) => {
    const { graph, up } = world;
    const plan = planFor(world, "down", false);
    const { arrived, success } = simulate(plan, (node) => ({
      duration: world.durations[node]!,
      fails: false,
    }));
    const essential = graph.nodes.filter(({ essential, index }) => essential && up.has(index));
    const staying = graph.closure(essential.map(({ index }) => index), "up");
    const expected = [...plan.selection].filter((node) => up.has(node) && !staying.has(node));
    assertEquals([...arrived.keys()].sort(byNumber), expected.sort(byNumber));
    assert(success);
  });
});

Deno.test("an interrupt begins nothing new, and what is going on is waited for", () => {
  onRandomGraphs((world) => {
    const plan = planFor(world, "up");
    const moment = world.random.below(200) + 0.5;
    const { begun, arrived, progress, success } = simulate(
      plan,
      (node) => ({ duration: world.durations[node]!, fails: false }),
      moment,
    );
    for (const time of begun.values()) assert(time < moment, "a change began after the interrupt");
    assertEquals(arrived.size, begun.size);
    const waiting = [...plan.selection].some((node) => progress[node] === "waiting");
    assertEquals(success, !waiting);
  });
});

function byNumber(a: number, b: number): number {
  return a - b;
}
