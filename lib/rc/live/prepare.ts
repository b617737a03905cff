import { CWD } from "../../os/file.ts";
import { mkdir } from "../../os/path.ts";
import { type DefinitionSet, longrunsOf } from "../definitions/definition_set.ts";
import { definitionsDirectory } from "./live.ts";
import { makeServiceDirectory } from "./service_files.ts";
import { writeText } from "./write_text.ts";

/**
 * Copies a set of definitions into a live directory, with a service directory for each longrun.
 * From then on the source directories are not needed.
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
