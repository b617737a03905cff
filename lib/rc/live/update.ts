import { controlScan } from "../../servicedir/control.ts";
import { ScanCommand } from "../../servicedir/protocol.ts";
import {
  carryOver,
  readRenames,
  type Renames,
  unlinkOldNames,
  writeRenames,
} from "./carry_over.ts";
import { listDirectory, removeTree } from "./copy_tree.ts";
import { consumersOf, type DefinitionSet, longrunsOf } from "../definitions/definition_set.ts";
import { Graph } from "../definitions/graph.ts";
import { installServiceDirectories } from "./install.ts";
import { definitionsDirectory, type Live } from "./live.ts";
import type { Standing } from "./live_state.ts";
import { prepareDefinitions } from "./prepare.ts";
import { removeLongruns, superviseLongruns } from "./supervision.ts";

/**
 * Keeps a new set of definitions beside the one in force.
 *
 * @returns Its name.
 */
export function prepareUpdate(live: Live, set: DefinitionSet): string {
  const id = String(Number(live.state.definitions) + 1);
  // An update that was killed before it took effect may have left a part of it.
  removeTree(definitionsDirectory(live.path, id));
  prepareDefinitions(live.path, id, set);
  return id;
}

/**
 * Records that an update takes effect, and completes it. If it is killed, the next command does.
 *
 * @param live The live directory.
 * @param id The prepared set.
 * @param renames The services that get other names.
 */
export function commitUpdate(live: Live, id: string, renames: Renames): Promise<void> {
  writeRenames(live.path, id, renames);
  live.replaceState({ ...live.state, updating: id });
  return finishUpdate(live);
}

/** Completes an update that was recorded; does nothing where there is none. */
export async function finishUpdate(live: Live): Promise<void> {
  const { updating, definitions, services } = live.state;
  if (updating === undefined) return;
  const set = live.readSet(updating);
  const { scandir, prefix, path } = live;
  const kept = new Set(longrunsOf(set).map(({ name }) => name));
  const place = { scandir, prefix };
  const renames = readRenames(path, updating);
  const gone = listDirectory(`${path}/servicedirs`).filter((name) =>
    !name.startsWith(".") && !kept.has(name) && !renames.carried.has(name)
  );
  await removeLongruns(path, gone, place);
  carryOver(path, updating, renames, place);
  installServiceDirectories(path, updating, consumersOf(set));
  await superviseLongruns(path, [...kept], place, 0);
  // A scan that looks at its directory knows the services by their new names.
  if (unlinkOldNames(path, renames, kept, place)) controlScan(scandir, ScanCommand.scan);
  const known = new Graph(set.definitions);
  const still = new Map<string, Standing>(
    [...services].map(([name, standing]) => [renames.services.get(name) ?? name, standing] as const)
      .filter(([name]) => known.find(name) !== undefined),
  );
  live.replaceState({ definitions: updating, services: still });
  removeTree(definitionsDirectory(path, definitions));
}
