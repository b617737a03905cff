import { close, CWD, Descriptor, Open, open } from "../../os/file.ts";
import { eachName, EntryType } from "../../os/directory.ts";
import { type CPath, cString, decodeCString } from "../../os/os_string.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { Errno } from "../../os/system_error.ts";
import { openService } from "../../servicedir/in_service.ts";
import { isTemplateName } from "../../servicedir/instance_name.ts";
import { ServicePath } from "../../servicedir/protocol.ts";

/** The scan directory whose services are meant where only their names are given. */
const DEFAULT_SCAN_DIRECTORY = "/run/service";

const DOT = 0x2e;
/** The kernel takes no path of this many bytes. */
const TOO_LONG = 4096;

/** A service directory, and what to call it. */
export interface NamedService {
  readonly name: string;
  readonly dir: string;
}

/** A service directory that is open. */
export interface OpenService extends NamedService {
  /** Its descriptor, for the `*at()` calls alone; or, where it can't be opened, the errno as a negative number. */
  readonly opened: number;
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

/** Behind a name this makes a path that exists only where the name is that of a directory. */
const IN_DIRECTORY = cString("/.");
/** The same, for the logger of a service. */
const IN_LOGGER = cString(`/${ServicePath.logger}/.`);
/** The path that is asked for: a name as the kernel gives it, with one of these behind it. */
const path = new Uint8Array(TOO_LONG + IN_LOGGER.length);

/** Returns whether there is a file: `name`, which ends with a NUL, with `end` in the place of that. */
function hasFile(directory: number, name: CPath, end: CPath): boolean {
  path.set(name);
  path.set(end, name.length - 1);
  return accessErrno(directory, path, Access.EXISTS) === 0;
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
  const logged = new Set<string>();
  eachName(opened.fd, directory, (cName, type) => {
    const name = serviceName(cName);
    if (name === undefined) return;
    if (type !== EntryType.DIRECTORY && !hasFile(opened.fd, cName, IN_DIRECTORY)) return;
    names.push(name);
    if (hasFile(opened.fd, cName, IN_LOGGER)) logged.add(name);
  });
  const services: NamedService[] = [];
  for (const name of names.sort()) {
    const service = { name, dir: `${directory}/${name}` };
    services.push(service);
    if (logged.has(name)) services.push(loggerOf(service));
  }
  return services;
}

/** Returns the name in a scan directory as text; undefined where no service has such a name. */
function serviceName(cName: CPath): string | undefined {
  if (cName[0] === DOT) return undefined;
  const name = decodeCString(cName);
  return isTemplateName(name) ? undefined : name;
}

/**
 * Returns whether a scan directory has more names than this: about as many as services.
 *
 * @throws {SystemError} when it can't be listed.
 */
export function hasMoreNamesThan(most: number, directory: string): boolean {
  using opened = new Descriptor(open(CWD, directory, Open.READ | Open.DIRECTORY));
  let names = 0;
  eachName(opened.fd, directory, () => {
    names++;
  });
  return names > most;
}

const LOGGER = cString(ServicePath.logger);

/**
 * Calls back with each service of a scan directory, and its logger: those that {@linkcode servicesOf} returns, in
 * no order, but open. So no path is made for each, and none is looked up from the root.
 *
 * @param directory The scan directory.
 * @param call Gets a service and, where it has one, its logger; both are open until it returns.
 * @throws {SystemError} when the scan directory can't be listed.
 */
export function eachService(
  directory: string,
  call: (service: OpenService, logger: OpenService | undefined) => void,
): void {
  using scan = new Descriptor(open(CWD, directory, Open.READ | Open.DIRECTORY));
  eachName(scan.fd, directory, (cName) => {
    const name = serviceName(cName);
    if (name === undefined) return;
    const opened = openService(cName, scan.fd);
    if (opened === -Errno.ENOTDIR || opened === -Errno.ENOENT) return;
    const service = { name, dir: `${directory}/${name}`, opened };
    if (opened < 0) return call(service, undefined);
    const logger = openService(LOGGER, opened);
    try {
      call(service, logger < 0 ? undefined : { ...loggerOf(service), opened: logger });
    } finally {
      if (logger >= 0) close(logger);
      close(opened);
    }
  });
}
