import { assertEquals, assertThrows } from "@std/assert";
import { type Graph, UnknownServiceError } from "../../../lib/rc/definitions/graph.ts";
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
