import { CWD } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { mkdir, readLink, rename, symlink } from "../../os/path.ts";
import { removeTree } from "./copy_tree.ts";
import { consumersOf, type DefinitionSet } from "../definitions/definition_set.ts";
import { installServiceDirectories } from "./install.ts";
import { LiveError } from "./live.ts";
import { formatLiveState } from "./live_state.ts";
import { newPathBeside } from "./new_path.ts";
import { prepareDefinitions } from "./prepare.ts";
import { writeText } from "./write_text.ts";

/** The name of the first set of definitions. */
const FIRST = "1";

/** The content of a new live directory. */
export interface NewLive {
  /** The scan directory in which the longruns are supervised. */
  readonly scandir: string;
  /** The prefix of their names there. */
  readonly prefix: string;
  /** The definitions. */
  readonly set: DefinitionSet;
}

function exists(path: string): boolean {
  return tryStat(CWD, path, false) !== undefined;
}

/**
 * Makes a live directory in which all services are down. Its path is a symbolic link, which is made
 * last: no command ever sees a part of a live directory.
 *
 * @param live Its path.
 * @param contents Its content.
 * @returns false when there is a live directory for that scan directory already.
 * @throws {LiveError} when something else has that path.
 */
export function makeLive(live: string, { scandir, prefix, set }: NewLive): boolean {
  if (exists(live)) {
    if (readLink(CWD, live) === null) {
      throw new LiveError(`Cannot make ${live}: it exists and is no live directory of sv rc`);
    }
    if (exists(`${live}/state`)) {
      const current = readLink(CWD, `${live}/scandir`);
      if (current === scandir) return false;
      throw new LiveError(`Cannot use ${live} with ${scandir}: it belongs to ${current}`);
    }
  }
  const directory = newPathBeside(live);
  try {
    mkdir(CWD, directory, 0o755);
    writeText(`${directory}/lock`, "");
    symlink(scandir, CWD, `${directory}/scandir`);
    writeText(`${directory}/prefix`, prefix);
    prepareDefinitions(directory, FIRST, set);
    installServiceDirectories(directory, FIRST, consumersOf(set));
    writeText(`${directory}/state`, formatLiveState({ definitions: FIRST, services: new Map() }));
    const link = `${directory}/link`;
    symlink(directory.slice(directory.lastIndexOf("/") + 1), CWD, link);
    rename(CWD, link, live);
  } catch (error) {
    removeTree(directory);
    throw error;
  }
  return true;
}
