import { CWD, readFile } from "../../os/file.ts";
import { decodeOs } from "../../os/os_string.ts";
import { tryStat } from "../../os/file_status.ts";
import { mkdir, readLink, rename, symlink } from "../../os/path.ts";
import { removeTree } from "./copy_tree.ts";
import { consumersOf, type DefinitionSet } from "../definitions/definition_set.ts";
import { installServiceDirectories } from "./install.ts";
import { definitionsDirectory, LiveError, OtherLiveError } from "./live.ts";
import { formatLiveState, parseLiveState } from "./live_state.ts";
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

/** Reads what a live directory that is there was made from. */
function existing(live: string): NewLive {
  const { updating, definitions } =
    parseLiveState(decodeOs(readFile(CWD, `${live}/state`, 1 << 26))) ??
      { updating: undefined, definitions: FIRST };
  const path = `${definitionsDirectory(live, updating ?? definitions)}/definitions.json`;
  return {
    scandir: readLink(CWD, `${live}/scandir`)!,
    prefix: decodeOs(readFile(CWD, `${live}/prefix`)),
    set: JSON.parse(decodeOs(readFile(CWD, path, 1 << 28))),
  };
}

/**
 * Tells whether there is a live directory already, for the same scan directory, prefix and sources.
 *
 * @param live Its path.
 * @param wanted What it is to be for; the sources as absolute paths.
 * @throws {OtherLiveError} when it is for others.
 * @throws {LiveError} when something else has that path.
 */
export function isLive(
  live: string,
  { prefix, scandir, sources }:
    & Pick<NewLive, "scandir" | "prefix">
    & Pick<DefinitionSet, "sources">,
): boolean {
  if (!exists(live)) return false;
  if (readLink(CWD, live) === null) {
    throw new LiveError(`Cannot make ${live}: it exists and is no live directory of sv rc`);
  }
  if (!exists(`${live}/state`)) return false;
  const there = existing(live);
  const cannot = (what: string, has: string, wanted: string) =>
    new OtherLiveError(
      `Cannot use ${live}: it is there already, with the ${what} ${has} and not ${wanted}`,
    );
  if (there.scandir !== scandir) throw cannot("scan directory", there.scandir, scandir);
  if (there.prefix !== prefix) throw cannot("prefix", `'${there.prefix}'`, `'${prefix}'`);
  const [has, wants] = [there.set.sources.join(" "), sources.join(" ")];
  if (has === wants) return true;
  throw new OtherLiveError(
    `Cannot use ${live}: it is there already, with definitions from ${has} and not ${wants}; ` +
      "`sv rc update` puts others in force",
  );
}

/**
 * Makes a live directory in which all services are down. Its path is a symbolic link, which is made
 * last: no command ever sees a part of a live directory.
 *
 * @param live Its path, at which {@linkcode isLive} has found none.
 * @param contents Its content.
 */
export function makeLive(live: string, { scandir, prefix, set }: NewLive): void {
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
}
