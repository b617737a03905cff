import { decodeOs, encodeOs } from "../os/os_string.ts";
import { readNames } from "../os/directory.ts";
import { Descriptor, Open, open, readFile, tryOpen, writeAll } from "../os/file.ts";
import { rename, symlink, tryReadLink, unlink } from "../os/path.ts";
import { Errno, isErrno, SystemError } from "../os/system_error.ts";
import { NEW_FILE, ServicePath, SupervisePath } from "./protocol.ts";

/** What a service directory is an instance of. All paths are relative to that directory. */
export interface InstanceRecord {
  /** What `run` gets as its argument: `bar`, and `bar/log` for its logger. */
  readonly name: string;
  /** The template, `../foo@`; none where nothing in the directory is a link to it. */
  readonly template?: string;
  /** Files that this instance has in the place of the template's. */
  readonly overrides?: string;
}

/** What each instance has for itself, or another service directory, and is never linked. */
const OWN: ReadonlySet<string> = new Set([
  ServicePath.down,
  ServicePath.event,
  ServicePath.logger,
  SupervisePath.directory,
  "instance",
  "instances",
]);

/** Writes what a service directory is an instance of; its directory `supervise` is there already. */
export function writeInstanceRecord(directory: number, record: InstanceRecord): void {
  const { name, template = "", overrides = "" } = record;
  const flags = Open.WRITE | Open.CREATE | Open.EXCLUSIVE;
  using file = new Descriptor(open(directory, SupervisePath.instance, flags, 0o644));
  const lines = template === "" ? [name] : [name, template, overrides];
  writeAll(file.fd, encodeOs(`${lines.join("\n")}\n`), SupervisePath.instance);
}

/**
 * Returns what a service directory is an instance of, undefined where it is none.
 *
 * @param directory The service directory, open.
 */
export function readInstanceRecord(directory: number): InstanceRecord | undefined {
  let text: string;
  try {
    text = decodeOs(readFile(directory, SupervisePath.instance));
  } catch (error) {
    if (isErrno(error, Errno.ENOENT, Errno.ENOTDIR)) return undefined;
    throw error;
  }
  const [name = "", template = "", overrides = ""] = text.split("\n");
  if (name === "") return undefined;
  return template === "" ? { name } : { name, template, overrides };
}

/** Returns the name that `run` and `finish` get, undefined where the service is no instance. */
export function instanceName(directory: number): string | undefined {
  try {
    return readInstanceRecord(directory)?.name;
  } catch {
    // A file that can't be read: the service is started under its full name.
    return undefined;
  }
}

/**
 * Returns the names in a template, or in the files of one instance, to which an instance gets links; none
 * where there is no such directory.
 *
 * @param at The directory that the path is relative to, open.
 * @param path The path of the template, or of the files of one instance.
 */
export function linkedNames(at: number, path: string): string[] {
  const fd = tryOpen(at, path, Open.READ | Open.DIRECTORY);
  if (fd === -Errno.ENOENT || fd === -Errno.ENOTDIR) return [];
  if (fd < 0) throw new SystemError(`list ${path}`, -fd);
  using opened = new Descriptor(fd);
  return readNames(opened.fd, path).filter((name) => !name.startsWith(".") && !OWN.has(name));
}

/** Returns the links that an instance has: their names, and where they lead to. */
export function linksTo(
  { template, overrides }: InstanceRecord,
  names: { readonly template: readonly string[]; readonly overrides: readonly string[] },
): Map<string, string> {
  const links = new Map<string, string>();
  for (const name of names.template) links.set(name, `${template}/${name}`);
  for (const name of names.overrides) links.set(name, `${overrides}/${name}`);
  return links;
}

/**
 * Gives an instance a link to each file of its template, or to its own file that stands in for that. What
 * the instance has as a file, and no link, stays. This is done before each start.
 *
 * @param directory The instance's directory, open.
 * @param record What it is an instance of.
 */
export function linkTemplate(directory: number, record: InstanceRecord): void {
  const { template, overrides } = record;
  if (template === undefined) return;
  const links = linksTo(record, {
    template: linkedNames(directory, template),
    overrides: overrides ? linkedNames(directory, overrides) : [],
  });
  for (const [name, target] of links) {
    const now = tryReadLink(directory, name);
    if (now === target || now === null) continue;
    if (now === undefined) symlink(target, directory, name);
    else if ([template, overrides || template].some((source) => now === `${source}/${name}`)) {
      replaceLink(directory, name, target);
    }
  }
}

/** Lets a link lead to another file. */
function replaceLink(directory: number, name: string, target: string): void {
  unlink(directory, NEW_FILE);
  symlink(target, directory, NEW_FILE);
  rename(directory, NEW_FILE, name);
}

/**
 * Links what is new in the template of an instance, so that it is there at the next start. Does nothing
 * where the service is no instance.
 *
 * @param directory The service directory, open.
 * @param named Gets the name that `run` is to have; first, because links that can't be made keep no
 *   service from its start.
 */
export function followTemplate(
  directory: number,
  named: (name: string) => void = () => {},
): void {
  const record = readInstanceRecord(directory);
  if (record === undefined) return;
  named(record.name);
  linkTemplate(directory, record);
}
