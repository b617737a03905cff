import { assertEquals, assertThrows } from "@std/assert";
import { checkDefinitions } from "../../../lib/rc/definitions/check.ts";
import type { Definition } from "../../../lib/rc/definitions/definition.ts";
import { Graph, UnknownServiceError } from "../../../lib/rc/definitions/graph.ts";
import { exampleGraph } from "../example_graph.ts";

function names(graph: Graph, nodes: Iterable<number>): string[] {
  return [...nodes].map((node) => graph.nodes[node]!.definition.name).sort();
}

Deno.test("names stand for services, bundles for all in them, pipelines for all along them", async () => {
  const services = await exampleGraph();
  assertEquals(names(services, services.resolve("data")), ["cache", "database"]);
  assertEquals(names(services, services.resolve("logged-web")), ["log", "web"]);
  assertThrows(() => services.resolve("nothing"), UnknownServiceError);
});

Deno.test("a closure has all that goes up, or down, with a service", async () => {
  const services = await exampleGraph();
  const closure = (name: string, direction: "up" | "down") =>
    names(services, services.closure(services.resolve(name), direction));
  assertEquals(closure("app", "up"), ["app", "cache", "database", "mount"]);
  assertEquals(closure("cache", "down"), ["app", "cache", "web"]);
  assertEquals(closure("log", "down"), ["log", "web"]);
});

Deno.test("what an essential bundle contains is essential", async () => {
  const essential = (await exampleGraph()).nodes.filter(({ essential }) => essential);
  assertEquals(essential.map(({ definition }) => definition.name), ["cache", "database"]);
});

Deno.test("levels are the lengths of the longest chains below", async () => {
  const services = await exampleGraph();
  const levels = services.levels();
  const of = (name: string) => levels[services.find(name)!.index];
  assertEquals(["mount", "database", "app", "web"].map(of), [0, 1, 2, 3]);
});

Deno.test("chains are resolved that are longer than the stack is deep", () => {
  const count = 20_000;
  const numbers = Array.from({ length: count }, (_, number) => number);
  const common = { directory: "/source", essential: false, timeoutUp: 0, timeoutDown: 0 };
  const pipeline = numbers.map((number): Definition => ({
    ...common,
    type: "longrun",
    name: `p${number}`,
    dependencies: [],
    notifies: true,
    ...number > 0 && { producerFor: `p${number - 1}` },
    consumerFor: number < count - 1 ? [`p${number + 1}`] : [],
    ...number === 0 && { pipelineName: "pipeline" },
  }));
  const bundles = numbers.slice(0, 2000).map((number): Definition => ({
    ...common,
    type: "bundle",
    name: `b${number}`,
    contents: [number < 1999 ? `b${number + 1}` : "pipeline"],
  }));
  const chained: Definition = {
    ...common,
    type: "oneshot",
    name: "all",
    dependencies: ["b0"],
    scripts: { up: "" },
  };
  const definitions = [...pipeline, ...bundles, chained];
  assertEquals(checkDefinitions(definitions), []);
  const graph = new Graph(definitions);
  assertEquals(graph.find("all")!.dependencies.length, count);
  assertEquals(graph.levels().at(-1), count);
});
