/**
 * What `sv rc` knows of the services of a scan directory: loaded only where a page asks for it.
 *
 * @module
 */

import { criticalPath } from "../../rc/report/critical_path.ts";
import { readStartRecord } from "../../rc/report/start_record.ts";
import { Live } from "../../rc/live/live.ts";

/** Returns what depends on what in a live directory. */
export function graphOf(path: string) {
  using live = new Live(path, { purpose: "read" });
  const { nodes } = live.graph;
  return {
    live: path,
    services: nodes.map(({ definition: { name, type }, dependencies }, index) => ({
      name,
      type,
      up: live.standing(index) === "up",
      dependencies: dependencies.map((other) => nodes[other]!.definition.name),
    })),
  };
}

/** Returns the last start in a live directory; no services where there was none. */
export function lastStartOf(path: string) {
  using live = new Live(path, { purpose: "read" });
  const record = readStartRecord(live);
  if (record === undefined) return { live: path, services: [] };
  const { path: critical, total } = criticalPath(record);
  return {
    live: path,
    date: new Date(record.date).toISOString(),
    totalMilliseconds: total,
    criticalPath: critical,
    services: record.services.map(({ name, type, ordered, spawned, ready }) => ({
      name,
      type,
      orderedMilliseconds: ordered,
      spawnedMilliseconds: spawned,
      readyMilliseconds: ready ?? null,
    })),
  };
}
