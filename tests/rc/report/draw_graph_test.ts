import { assertEquals } from "@std/assert";
import { drawGraph } from "../../../lib/rc/report/draw_graph.ts";
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
