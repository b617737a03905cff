import { Graph } from "../../lib/rc/definitions/graph.ts";
import { readSources } from "../../lib/rc/definitions/source.ts";
import { definitions, longrun } from "./definitions_folder.ts";

/** Returns a graph that has everything: a oneshot, an essential bundle, a pipeline. */
export async function exampleGraph(): Promise<Graph> {
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
