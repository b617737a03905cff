import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { eachName, EntryType } from "../../os/directory.ts";
import { expectManyCalls } from "../../os/expect_many_calls.ts";
import { type CPath, cString, decodeOs } from "../../os/os_string.ts";
import { Access, accessErrno } from "../../os/path.ts";
import { isTemplateName } from "../../servicedir/instance_name.ts";
import { ServicePath } from "../../servicedir/protocol.ts";

/** The scan directory whose services are meant where only their names are given. */
const DEFAULT_SCAN_DIRECTORY = "/run/service";

/** A command that lists this many services reads about each of them, with ten calls or more. */
const MANY = 50;

const DOT = 0x2e;
/** The kernel takes no path of this many bytes. */
const TOO_LONG = 4096;

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
    if (cName[0] === DOT) return;
    const name = decodeOs(cName.subarray(0, -1));
    if (isTemplateName(name)) return;
    if (type !== EntryType.DIRECTORY && !hasFile(opened.fd, cName, IN_DIRECTORY)) return;
    if (names.push(name) === MANY) expectManyCalls();
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
