import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { readNames } from "../../os/directory.ts";
import { Access, accessErrno } from "../../os/path.ts";
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

/** Returns the logger that a service may have. */
export function loggerOf({ dir, name }: NamedService): NamedService {
  return { name: `${name}/${ServicePath.logger}`, dir: `${dir}/${ServicePath.logger}` };
}

/** Whether there is a directory of this path. */
function isDirectory(path: string): boolean {
  return accessErrno(CWD, `${path}/.`, Access.EXISTS) === 0;
}

/**
 * Returns the services of a scan directory in the order of their names, with their loggers.
 *
 * @param directory The scan directory.
 * @throws {SystemError} when it can't be listed.
 */
export function servicesOf(directory: string): NamedService[] {
  using opened = new Descriptor(open(CWD, directory, Open.READ | Open.DIRECTORY));
  const names = readNames(opened.fd, directory).filter((name) => !name.startsWith(".")).sort();
  return names.flatMap((name) => {
    const dir = `${directory}/${name}`;
    if (!isDirectory(dir)) return [];
    const service = { name, dir };
    const logger = loggerOf(service);
    return isDirectory(logger.dir) ? [service, logger] : [service];
  });
}
