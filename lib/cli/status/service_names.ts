import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { eachName, EntryType } from "../../os/directory.ts";
import { decodeOs } from "../../os/os_string.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { isTemplateName } from "../../servicedir/instance_name.ts";
import { ServicePath } from "../../servicedir/protocol.ts";

/** The scan directory whose services are meant where only their names are given. */
const DEFAULT_SCAN_DIRECTORY = "/run/service";

/** A service directory, and what to call it. */
export interface NamedService {
  readonly name: string;
  readonly dir: string;
}

/** Returns the scan directory whose services are meant where only their names are given. */
export function scanDirectory(): string {
  return Deno.env.get("SVDIR") || DEFAULT_SCAN_DIRECTORY;
}

/**
 * Returns the service that a word means, as runit's `sv` reads it: a word that begins with a dot or a
 * slash, or ends with a slash, is a path; any other is a name in the scan directory.
 */
export function namedService(word: string): NamedService {
  const isPath = /^[./]|\/$/.test(word);
  const path = word.length > 1 ? word.replace(/\/+$/, "") : word;
  return { name: path, dir: isPath ? path : `${scanDirectory()}/${path}` };
}

/** Returns the part of a path before the last slash, and that after it. */
function splitPath(path: string): { directory: string; base: string } {
  const slash = path.lastIndexOf("/");
  return { directory: path.slice(0, Math.max(slash, 0)), base: path.slice(slash + 1) };
}

/** Returns the services whose names match a pattern, in which `*` and `?` stand for characters. */
function matching(word: string): NamedService[] {
  const { name, dir } = namedService(word);
  const { directory, base } = splitPath(dir);
  const inName = splitPath(name).directory;
  const source = base.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, "[^/]*").replace(
    /\?/g,
    "[^/]",
  );
  const pattern = new RegExp(`^${source}$`, "s");
  return servicesOf(directory === "" ? "." : directory)
    .filter((service) => pattern.test(service.name))
    .map((service) => ({
      name: inName === "" ? service.name : `${inName}/${service.name}`,
      dir: service.dir,
    }));
}

/**
 * Returns the services that words mean: each a name or a path as {@linkcode namedService} reads it, or a
 * pattern of names such as `web@*`. A pattern that matches nothing stands for itself.
 */
export function namedServices(words: readonly string[]): NamedService[] {
  return words.flatMap((word) => {
    if (!/[*?]/.test(word)) return [namedService(word)];
    const found = accessErrno(CWD, namedService(word).dir, Access.EXISTS) === 0
      ? []
      : matching(word);
    return found.length > 0 ? found : [namedService(word)];
  });
}

/** Returns the logger that a service may have. */
export function loggerOf({ dir, name }: NamedService): NamedService {
  return { name: `${name}/${ServicePath.logger}`, dir: `${dir}/${ServicePath.logger}` };
}

/** Whether there is a directory of this name. */
function isDirectory(at: number, name: string): boolean {
  return accessErrno(at, `${name}/.`, Access.EXISTS) === 0;
}

/**
 * Returns the services of a scan directory in the order of their names, with their loggers.
 *
 * @param directory The scan directory.
 * @throws {SystemError} when it can't be listed.
 */
export function servicesOf(directory: string): NamedService[] {
  using opened = new Descriptor(open(CWD, directory, Open.READ | Open.DIRECTORY));
  const names: string[] = [];
  eachName(opened.fd, directory, (cName, type) => {
    const name = decodeOs(cName.subarray(0, -1));
    if (name.startsWith(".") || isTemplateName(name)) return;
    if (type === EntryType.DIRECTORY || isDirectory(opened.fd, name)) names.push(name);
  });
  return names.sort().flatMap((name) => {
    const service = { name, dir: `${directory}/${name}` };
    const hasLogger = isDirectory(opened.fd, `${name}/${ServicePath.logger}`);
    return hasLogger ? [service, loggerOf(service)] : [service];
  });
}
