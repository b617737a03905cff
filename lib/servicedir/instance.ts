import { decodeOs, encodeOs } from "../os/os_string.ts";
import { readNames } from "../os/directory.ts";
import { Descriptor, Open, open, readFile, tryOpen, writeAll } from "../os/file.ts";
import { readLink, rename, symlink, unlink } from "../os/path.ts";
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

/** Returns the names in a directory that instances link; none where there is no such directory. */
function linkedNames(directory: number, path: string): string[] {
  const fd = tryOpen(directory, path, Open.READ | Open.DIRECTORY);
  if (fd === -Errno.ENOENT || fd === -Errno.ENOTDIR) return [];
  if (fd < 0) throw new SystemError(`list ${path}`, -fd);
  using opened = new Descriptor(fd);
  return readNames(opened.fd, path).filter((name) => !name.startsWith(".") && !OWN.has(name));
}

/**
 * Gives an instance a link to each file of its template, or to its own file that stands in for that. What
 * the instance has as a file, and no link, stays.
 *
 * @param directory The instance's directory, open.
 * @param record What it is an instance of.
 */
export function linkTemplate(
  directory: number,
  { template, overrides }: InstanceRecord,
): void {
  if (template === undefined) return;
  const wanted = new Map<string, string>();
  for (const source of [template, overrides ?? ""]) {
    if (source === "") continue;
    for (const name of linkedNames(directory, source)) wanted.set(name, `${source}/${name}`);
  }
  using opened = new Descriptor(open(directory, ".", Open.READ | Open.DIRECTORY));
  const present = new Set(readNames(opened.fd, "the instance"));
  for (const [name, target] of wanted) {
    if (!present.has(name)) symlink(target, directory, name);
    else replaceLink(directory, name, target, [template, overrides ?? template]);
  }
}

/** Lets a link that leads to one of the sources lead to another of their files. */
function replaceLink(
  directory: number,
  name: string,
  target: string,
  sources: readonly string[],
): void {
  const now = readLink(directory, name);
  if (now === null || now === target) return;
  if (!sources.some((source) => now === `${source}/${name}`)) return;
  unlink(directory, NEW_FILE);
  symlink(target, directory, NEW_FILE);
  rename(directory, NEW_FILE, name);
}

/**
 * Links what is new in the template of an instance, so that it is there at the next start. Does nothing
 * where the service is no instance.
 *
 * @param directory The service directory, open.
 */
export function followTemplate(directory: number): void {
  const record = readInstanceRecord(directory);
  if (record !== undefined) linkTemplate(directory, record);
}
