import { assertEquals } from "@std/assert";
import { startRecord } from "../../../lib/rc/report/start_record.ts";
import { exampleGraph } from "../example_graph.ts";

Deno.test("a start's record has its services in order, from the first one's start on", async () => {
  const graph = await exampleGraph();
  const node = (name: string) => graph.find(name)!.index;
  const moments = new Map([
    [node("database"), { ordered: 1_002.5, spawned: 1_003, ready: 1_010.0004 }],
    [node("mount"), { ordered: 1_000, ready: 1_002 }],
    [node("cache"), { ordered: 1_000.25, spawned: 1_001 }],
  ]);
  assertEquals(startRecord(graph, moments, 5), {
    date: 5,
    services: [
      { name: "mount", type: "oneshot", dependencies: [], ordered: 0, spawned: 0, ready: 2 },
      { name: "cache", type: "longrun", dependencies: [], ordered: 0.25, spawned: 1 },
      {
        name: "database",
        type: "longrun",
        dependencies: ["mount"],
        ordered: 2.5,
        spawned: 3,
        ready: 10,
      },
    ],
  });
});
