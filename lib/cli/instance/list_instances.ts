import { readNames } from "../../os/directory.ts";
import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { splitInstance } from "../../servicedir/instance_name.ts";
import { SupervisePath } from "../../servicedir/protocol.ts";

/** Returns the names in a directory that scans look at. */
export function visibleNames(path: string): string[] {
  using directory = new Descriptor(open(CWD, path, Open.READ | Open.DIRECTORY));
  return readNames(directory.fd, path).filter((name) => !name.startsWith("."));
}

/**
 * Returns the names of the instances in a scan directory, `foo@bar`, sorted: those that have a template
 * there, or say that they are instances.
 *
 * @param scandir The scan directory.
 * @param template Only those of this template, `foo@`.
 */
export function instancesIn(scandir: string, template?: string): string[] {
  const names = visibleNames(scandir);
  const all = new Set(names);
  return names.filter((name) => {
    const parts = splitInstance(name);
    if (parts === undefined || template !== undefined && parts.template !== template) return false;
    return all.has(parts.template) ||
      accessErrno(CWD, `${scandir}/${name}/${SupervisePath.instance}`, Access.EXISTS) === 0;
  }).sort();
}
