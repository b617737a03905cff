import { CWD } from "../../os/file.ts";
import { exists, mkdir, mkfifo, rename } from "../../os/path.ts";
import { NEW_FILE, ServicePath } from "../../servicedir/protocol.ts";
import { copyTree, listDirectory, removeTree } from "./copy_tree.ts";
import { definitionsDirectory } from "./live.ts";
import { replaceServiceFiles } from "./service_files.ts";
import { writeText } from "./write_text.ts";

/**
 * Makes the live service directory of each longrun in a set of definitions, with a file `down`, and
 * updates the files of those that exist. It may be repeated after it was killed.
 *
 * @param live The live directory.
 * @param id The name of the set.
 * @param consumers The longruns that read a pipe.
 */
export function installServiceDirectories(
  live: string,
  id: string,
  consumers: readonly string[],
): void {
  const prepared = `${definitionsDirectory(live, id)}/servicedirs`;
  mkdir(CWD, `${live}/servicedirs`, 0o755);
  mkdir(CWD, `${live}/pipes`, 0o755);
  for (const name of consumers) mkfifo(CWD, `${live}/pipes/${name}`, 0o600);
  for (const name of listDirectory(prepared)) {
    const target = `${live}/servicedirs/${name}`;
    if (exists(CWD, target)) {
      replaceServiceFiles(`${prepared}/${name}`, target);
      continue;
    }
    // A service's name does not begin with a dot, and may be as long as a name can be.
    const fresh = `${live}/servicedirs/${NEW_FILE}`;
    removeTree(fresh);
    copyTree(`${prepared}/${name}`, fresh);
    writeText(`${fresh}/${ServicePath.down}`, "");
    rename(CWD, fresh, target);
  }
}
