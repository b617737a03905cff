import { CWD, Descriptor, Open, open, writeAll } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import { mkdir, renameNew } from "../../os/path.ts";
import { processId } from "../../os/process.ts";
import { withoutUmask } from "../../os/umask.ts";
import { copyTree, removeTree } from "../../rc/live/copy_tree.ts";
import { ExitCode, Failure } from "../command.ts";
import type { NewFile } from "../new/service_template.ts";

function write(path: string, { text, program = false }: NewFile): void {
  const flags = Open.WRITE | Open.CREATE | Open.EXCLUSIVE;
  using file = new Descriptor(open(CWD, path, flags, program ? 0o777 : 0o666));
  writeAll(file.fd, encodeOs(text), path);
}

/**
 * Writes a directory with its files, a copy of the template and other directories, as a whole or not at
 * all.
 *
 * @param path Its path, at which there must be nothing.
 * @param files Its files.
 * @param template The template, which is copied; undefined: none.
 * @param empty Directories in it that are empty.
 */
export function makeWithTemplate(
  path: string,
  files: Readonly<Record<string, NewFile>>,
  template: string | undefined,
  empty: readonly string[],
): void {
  const target = path.replace(/\/+$/, "");
  const slash = target.lastIndexOf("/") + 1;
  const fresh = `${target.slice(0, slash)}.new:${processId()}:${target.slice(slash)}`;
  // The directories have s6's modes, whatever the umask; the files are made under it.
  const directory = (path: string) => withoutUmask(() => mkdir(CWD, path, 0o755));
  directory(fresh);
  try {
    const folders = new Set(
      Object.keys(files).map((file) => file.split("/").slice(0, -1).join("/")),
    );
    for (const folder of [...folders, ...empty]) if (folder !== "") directory(`${fresh}/${folder}`);
    for (const [file, content] of Object.entries(files)) write(`${fresh}/${file}`, content);
    if (template !== undefined) copyTree(template, `${fresh}/template`);
    if (!renameNew(CWD, fresh, target)) {
      throw new Failure(
        `cannot make ${target}: it exists already; remove it, or choose another path`,
        ExitCode.systemCall,
      );
    }
  } catch (error) {
    removeTree(fresh);
    throw error;
  }
}
