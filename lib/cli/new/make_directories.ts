import { encodeOs } from "../../os/os_string.ts";
import { CWD, Descriptor, Open, open, writeAll } from "../../os/file.ts";
import { mkdir, renameNew } from "../../os/path.ts";
import { processId } from "../../os/process.ts";
import { removeTree } from "../../rc/live/copy_tree.ts";
import type { NewDirectories, NewFile } from "./service_template.ts";

/** Something has the name of a new directory already. */
export class ExistsError extends Error {
  override name = "ExistsError";

  /** @param path What is there. */
  constructor(readonly path: string) {
    super(`${path} exists already`);
  }
}

function writeFile(directory: string, name: string, { text, program = false }: NewFile): void {
  const folders = name.split("/").slice(0, -1);
  folders.forEach((_, index) => {
    mkdir(CWD, `${directory}/${folders.slice(0, index + 1).join("/")}`, 0o777);
  });
  const path = `${directory}/${name}`;
  const flags = Open.WRITE | Open.CREATE | Open.EXCLUSIVE;
  using file = new Descriptor(open(CWD, path, flags, program ? 0o777 : 0o666));
  writeAll(file.fd, encodeOs(text), path);
}

/** Makes a directory under a name that scans and `sv rc` skip. Returns its path. */
function makeBeside(parent: string, name: string, files: NewDirectories[string]): string {
  const path = `${parent}/.new:${processId()}:${name}`;
  if (!mkdir(CWD, path, 0o777)) throw new ExistsError(path);
  try {
    for (const [file, content] of Object.entries(files)) writeFile(path, file, content);
  } catch (error) {
    removeTree(path);
    throw error;
  }
  return path;
}

/**
 * Makes directories with all their files, or none: they are written beside their places, and renamed
 * when they are whole. Overwrites nothing.
 *
 * @param parent The directory that they are made in.
 * @param directories The directories; that which is needed by the others comes first.
 * @param inspect Called with the paths of the directories before they get their names.
 * @throws {ExistsError} when something has one of the names already.
 */
export function makeDirectories(
  parent: string,
  directories: NewDirectories,
  inspect: (paths: ReadonlyMap<string, string>) => void = () => {},
): void {
  const written = new Map<string, string>();
  try {
    for (const [name, files] of Object.entries(directories)) {
      written.set(name, makeBeside(parent, name, files));
    }
    inspect(written);
    for (const [name, path] of written) {
      const target = parent === "." ? name : `${parent}/${name}`;
      if (!renameNew(CWD, path, target)) throw new ExistsError(target);
      written.set(name, target);
    }
  } catch (error) {
    for (const path of written.values()) removeTree(path);
    throw error;
  }
}
