import { CWD, mkdir } from "../../os/file.ts";
import type { Longrun } from "../definitions/definition.ts";
import { definitionsDirectory, type DefinitionSet } from "./live.ts";
import { makeServiceDirectory, writeText } from "./service_files.ts";

/** The longruns of a set of definitions. */
export function longrunsOf({ definitions }: DefinitionSet): Longrun[] {
  return definitions.filter((definition) => definition.type === "longrun");
}

/**
 * Keeps a set of definitions in a live directory, with a service directory for each longrun, so that
 * nothing depends on the source directories any more.
 *
 * @param live The live directory.
 * @param id The name of the set.
 * @param set The definitions, whose directories are read.
 */
export function prepareDefinitions(live: string, id: string, set: DefinitionSet): void {
  const directory = definitionsDirectory(live, id);
  mkdir(CWD, `${live}/definitions`, 0o755);
  mkdir(CWD, directory, 0o755);
  mkdir(CWD, `${directory}/servicedirs`, 0o755);
  for (const longrun of longrunsOf(set)) {
    makeServiceDirectory(longrun, `${directory}/servicedirs/${longrun.name}`);
  }
  writeText(`${directory}/definitions.json`, JSON.stringify(set));
}
