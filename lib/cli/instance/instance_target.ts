import { CWD } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import { splitInstance, whyNoInstanceName } from "../../servicedir/instance_name.ts";
import { UsageError } from "../../options/usage_error.ts";
import { operands } from "../command_line.ts";
import { isCalledAsS6 } from "../program.ts";
import { namedService, namedServices } from "../status/service_names.ts";

/** An instance in the scan of its own service, as s6 has them. */
export interface NestedInstance {
  /** Path of the service directory that the instances belong to. */
  readonly service: string;
  /** The instance's name. */
  readonly name: string;
}

/** An instance `foo@bar` that is a service of a scan directory. */
export interface ScannedInstance {
  /** What the user calls it. */
  readonly word: string;
  /** Path of its service directory. */
  readonly dir: string;
  /** The scan directory. */
  readonly scandir: string;
  /** Its name there, `foo@bar`. */
  readonly service: string;
  /** Its template's name, `foo@`. */
  readonly template: string;
  /** Its own name, `bar`. */
  readonly instance: string;
}

/** The instances that a command line is about. */
export type InstanceTargets =
  | { readonly nested: NestedInstance; readonly scanned?: undefined }
  | { readonly nested?: undefined; readonly scanned: readonly ScannedInstance[] };

function isDirectory(path: string): boolean {
  try {
    return tryStat(CWD, path)?.type === "directory";
  } catch (error) {
    if (isErrno(error, Errno.ENOTDIR, Errno.ENAMETOOLONG)) return false;
    throw error;
  }
}

/** Whether a service directory has a scan of instances of its own. */
export function isNested(service: string): boolean {
  return service !== "" &&
    ["instance", "instances"].some((name) => isDirectory(`${service}/${name}`));
}

/** Complains of a name that no instance can have. */
function checkName(name: string, service?: string): void {
  const why = whyNoInstanceName(name, service);
  if (why !== undefined) {
    throw new UsageError(`${JSON.stringify(name)} can't be the name of an instance: ${why}`);
  }
}

function nestedInstance(given: readonly string[]): NestedInstance {
  const [service = "", name = ""] = operands(given, ["service directory", "name of an instance"]);
  if (service === "") throw new UsageError("an empty string is no service directory");
  checkName(name);
  return { service, name };
}

function scannedInstance({ name: word, dir }: { name: string; dir: string }): ScannedInstance {
  const slash = dir.lastIndexOf("/");
  const scandir = slash < 0 ? "." : dir.slice(0, slash) || "/";
  const service = dir.slice(slash + 1);
  const parts = splitInstance(service);
  if (parts === undefined) {
    throw new UsageError(
      `'${word}' is no instance: name one as TEMPLATE@NAME, or give the directory of an instanced ` +
        "service and the instance's name",
    );
  }
  checkName(parts.instance, service);
  return { word, dir, scandir, service, ...parts };
}

/**
 * Returns the instances that operands name: one in a nested scan, by its service directory and its name,
 * as for the programs of s6; or any number of the form `foo@bar`.
 *
 * @param given The operands.
 * @param patterns Whether a word may be a pattern that stands for the instances that there are.
 */
export function instanceTargets(
  given: readonly string[],
  { patterns = true }: { readonly patterns?: boolean } = {},
): InstanceTargets {
  if (isCalledAsS6() || given.length === 2 && isNested(given[0]!)) {
    return { nested: nestedInstance(given) };
  }
  if (given.length === 0) throw new UsageError("no instance given");
  if (given.includes("")) throw new UsageError("an empty string is no instance");
  const services = patterns ? namedServices(given) : given.map(namedService);
  return { scanned: services.map(scannedInstance) };
}

/** Returns the service directory of an instance in a nested scan. */
export function nestedDirectory({ service, name }: NestedInstance): string {
  return `${service}/instance/${name}`;
}

/** Returns the service directories of instances. */
export function instanceDirectories(targets: InstanceTargets): readonly string[] {
  return targets.nested ? [nestedDirectory(targets.nested)] : targets.scanned.map(({ dir }) => dir);
}

/** Returns the operands in a line of usage: by the names of s6's programs, only those of s6. */
export function operandsUsage(): string {
  return isCalledAsS6() ? "servicedir instance" : "instance...";
}
