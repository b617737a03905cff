import { CWD, readFile } from "../../os/file.ts";
import { stat } from "../../os/file_status.ts";
import { readLink } from "../../os/path.ts";
import { decodeOs } from "../../os/os_string.ts";
import { listDirectory, removeTree } from "./copy_tree.ts";
import type { Atomic, Definition } from "../definitions/definition.ts";
import { consumersOf, type DefinitionSet, longrunsOf } from "../definitions/definition_set.ts";
import { Graph } from "../definitions/graph.ts";
import { installServiceDirectories } from "./install.ts";
import { definitionsDirectory, type Live } from "./live.ts";
import type { Standing } from "./live_state.ts";
import { prepareDefinitions } from "./prepare.ts";
import { removeLongruns, superviseLongruns } from "./supervision.ts";

/** What an update does to the services that are up. */
export interface UpdatePlan {
  /** The services to stop first, by their nodes in the old graph; with all that depend on them. */
  readonly stop: ReadonlySet<number>;
  /** The names of the services to start afterwards; the new definitions have them all. */
  readonly start: readonly string[];
}

/** Tells whether two files, or two directories with all that is in them, are the same. */
function sameTree(one: string, other: string): boolean {
  const [a, b] = [stat(CWD, one, false), stat(CWD, other, false)];
  if (a.type !== b.type || a.mode !== b.mode) return false;
  if (a.type === "symlink") return readLink(CWD, one) === readLink(CWD, other);
  if (a.type === "file") {
    return a.size === b.size &&
      decodeOs(readFile(CWD, one, a.size)) === decodeOs(readFile(CWD, other, b.size));
  }
  if (a.type !== "directory") return true;
  const names = listDirectory(one).sort();
  return names.join("\0") === listDirectory(other).sort().join("\0") &&
    names.every((name) => sameTree(`${one}/${name}`, `${other}/${name}`));
}

/** Returns what of a definition, if it changes, calls for a restart of the service. */
function essence(definition: Definition): string {
  return definition.type === "oneshot"
    ? JSON.stringify([definition.type, definition.scripts])
    : definition.type;
}

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
 * Decides which services an update stops, and starts again if they still exist: those that are
 * gone, or have another type, other files or other scripts; all that depend on these, before or
 * after the update; and those that get a dependency which is not up.
 *
 * @param live The live directory.
 * @param id The prepared set.
 * @param restart Names of services to restart in any case.
 */
export function planUpdate(live: Live, id: string, restart: ReadonlySet<string>): UpdatePlan {
  const old = live.graph;
  const set = live.readSet(id);
  const graph = new Graph(set.definitions);
  const byName = new Map(set.definitions.map((definition) => [definition.name, definition]));
  const changed = (definition: Atomic): boolean => {
    const { name } = definition;
    const now = byName.get(name);
    if (now === undefined || essence(now) !== essence(definition) || restart.has(name)) return true;
    return definition.type === "longrun" && !sameTree(
      `${definitionsDirectory(live.path, live.state.definitions)}/servicedirs/${name}`,
      `${definitionsDirectory(live.path, id)}/servicedirs/${name}`,
    );
  };
  const up = live.up;
  const certainlyUp = live.certainlyUp;
  const stop = new Set(
    [...up].filter((node) => !certainlyUp.has(node) || changed(old.nodes[node]!.definition)),
  );
  for (let size = -1; size !== stop.size;) {
    size = stop.size;
    for (const node of old.closure(stop, "down")) if (up.has(node)) stop.add(node);
    for (const node of up) {
      const now = graph.find(old.nodes[node]!.definition.name);
      const needsMore = now?.dependencies.some((dependency) => {
        const before = old.find(graph.nodes[dependency]!.definition.name);
        return before === undefined || !up.has(before.index) || stop.has(before.index);
      });
      if (needsMore) stop.add(node);
    }
  }
  const names = new Set(graph.names);
  const start = [...stop].map((node) => old.nodes[node]!.definition.name)
    .filter((name) => names.has(name));
  return { stop, start };
}

/**
 * Records that an update takes effect, and completes it. If it is killed, the next command does.
 */
export function commitUpdate(live: Live, id: string): Promise<void> {
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
  const gone = listDirectory(`${path}/servicedirs`).filter((name) =>
    !name.startsWith(".") && !kept.has(name)
  );
  await removeLongruns(path, gone, { scandir, prefix });
  installServiceDirectories(path, updating, consumersOf(set));
  await superviseLongruns(path, [...kept], { scandir, prefix }, 0);
  const known = new Graph(set.definitions);
  const still = new Map<string, Standing>(
    [...services].filter(([name]) => known.find(name) !== undefined),
  );
  live.replaceState({ definitions: updating, services: still });
  removeTree(definitionsDirectory(path, definitions));
}
