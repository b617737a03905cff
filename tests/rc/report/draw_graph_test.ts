import { assertEquals } from "@std/assert";
import type { Definition } from "../../../lib/rc/definitions/definition.ts";
import { Graph } from "../../../lib/rc/definitions/graph.ts";
import { drawGraph, GRAPH_FORMS } from "../../../lib/rc/report/draw_graph.ts";
import { exampleGraph } from "../example_graph.ts";

Deno.test("a graph is drawn as a tree of text, in which nothing is repeated", async () => {
  const services = await exampleGraph();
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
  const services = await exampleGraph();
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

Deno.test("a chain is drawn that is as deep as anybody may have one", () => {
  const count = 3000;
  const definitions = Array.from({ length: count }, (_, number): Definition => ({
    type: "oneshot",
    name: `s${number}`,
    directory: "/source",
    essential: false,
    dependencies: number > 0 ? [`s${number - 1}`] : [],
    timeoutUp: 0,
    timeoutDown: 0,
    scripts: { up: "" },
  }));
  const graph = new Graph(definitions);
  const all = new Set(graph.nodes.map(({ index }) => index));
  for (const form of GRAPH_FORMS) {
    const drawing = drawGraph(graph, all, form);
    for (const name of ["s0", "s2999"]) assertEquals(drawing.includes(name), true, form);
  }
  const lines = drawGraph(graph, all, "text").split("\n");
  assertEquals([lines.length, lines[0]], [count + 1, "s2999 (oneshot)"]);
  assertEquals(lines[count - 1], `${"    ".repeat(count - 2)}└── s0 (oneshot)`);
});
