import { assertEquals, assertThrows } from "@std/assert";
import { drawGraph } from "../../../lib/rc/report/draw_graph.ts";
import { Graph, UnknownServiceError } from "../../../lib/rc/definitions/graph.ts";
import { readSources } from "../../../lib/rc/definitions/source.ts";
import { definitions, longrun } from "../definitions_folder.ts";

async function graph(): Promise<Graph> {
  await using source = await definitions({
    ...longrun("app", ["data"]),
    ...longrun("cache"),
    ...longrun("database", ["mount"]),
    "data/type": "bundle\n",
    "data/contents.d/cache": "",
    "data/contents.d/database": "",
    "data/flag-essential": "",
    "mount/type": "oneshot\n",
    "mount/up": "true",
    ...longrun("web", ["app", "database"]),
    "web/producer-for": "log\n",
    ...longrun("log"),
    "log/consumer-for": "web\n",
    "log/pipeline-name": "logged-web\n",
  });
  return new Graph(readSources([source.path]).definitions);
}

function names(graph: Graph, nodes: Iterable<number>): string[] {
  return [...nodes].map((node) => graph.nodes[node]!.definition.name).sort();
}

Deno.test("names stand for services, bundles for all in them, pipelines for all along them", async () => {
  const services = await graph();
  assertEquals(names(services, services.resolve("data")), ["cache", "database"]);
  assertEquals(names(services, services.resolve("logged-web")), ["log", "web"]);
  assertThrows(() => services.resolve("nothing"), UnknownServiceError);
});

Deno.test("a closure has all that goes up, or down, with a service", async () => {
  const services = await graph();
  const closure = (name: string, direction: "up" | "down") =>
    names(services, services.closure(services.resolve(name), direction));
  assertEquals(closure("app", "up"), ["app", "cache", "database", "mount"]);
  assertEquals(closure("cache", "down"), ["app", "cache", "web"]);
  assertEquals(closure("log", "down"), ["log", "web"]);
});

Deno.test("what an essential bundle contains is essential", async () => {
  const essential = (await graph()).nodes.filter(({ essential }) => essential);
  assertEquals(essential.map(({ definition }) => definition.name), ["cache", "database"]);
});

Deno.test("levels are the lengths of the longest chains below", async () => {
  const services = await graph();
  const levels = services.levels();
  const of = (name: string) => levels[services.find(name)!.index];
  assertEquals(["mount", "database", "app", "web"].map(of), [0, 1, 2, 3]);
});

Deno.test("a graph is drawn as a tree of text, in which nothing is repeated", async () => {
  const services = await graph();
  const all = new Set(services.nodes.map(({ index }) => index));
  assertEquals(
    drawGraph(services, all, "text"),
    `web
├── app
│   ├── cache (essential)
│   └── database (essential)
│       └── mount (oneshot)
├── database (essential, see above)
└── log
`,
  );
});

Deno.test("a graph is drawn for Graphviz and for Mermaid", async () => {
  const services = await graph();
  const some = services.closure(services.resolve("database"), "up");
  assertEquals(
    drawGraph(services, some, "dot"),
    `digraph services {
  rankdir=LR;
  "database" [shape=box, peripheries=2];
  "database" -> "mount";
  "mount" [shape=ellipse];
}
`,
  );
  assertEquals(
    drawGraph(services, some, "mermaid"),
    `flowchart LR
  s2["database"]
  s2 --> s5
  s5(["mount"])
`,
  );
});
