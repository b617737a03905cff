import { CWD } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { exists, mkdir, rename } from "../../os/path.ts";
import { withoutUmask } from "../../os/umask.ts";
import { copyTree, listDirectory, removeTree } from "../../rc/live/copy_tree.ts";
import { type LinkOptions, linkService, unlinkService, withLogger } from "../../scan/link.ts";
import { isSupervised } from "../../servicedir/is_supervised.ts";
import { ExitCode, Failure } from "../command.ts";
import type { NestedInstance } from "./instance_target.ts";
import { requireScan } from "./require_scan.ts";

/** What the name of a copy begins with that is not whole. */
const UNFINISHED = ".mk:";

/** What the name of a copy begins with whose supervisor has not ended yet. */
const DELETED = ".rm:";

/** Returns the path of the copy of the template that is an instance. */
function copyOf({ service, name }: NestedInstance): string {
  return `${service}/instances/${name}`;
}

/** Removes copies that killed commands have left, and those of deleted instances that have ended. */
function sweep(service: string): void {
  const copies = `${service}/instances`;
  for (const name of listDirectory(copies)) {
    const path = `${copies}/${name}`;
    if (!name.startsWith(DELETED)) continue;
    if (withLogger(path).every((directory) => !isSupervised(directory))) removeTree(path);
  }
}

/**
 * Creates an instance in the nested scan of a service, on s6's layout: a copy of the template, and a link
 * to that in the scan directory.
 *
 * Follows s6's `s6-instance-create`.
 *
 * @param instance The instance.
 * @param options How it is added to the scan.
 * @returns false when the time was up before it was supervised.
 */
export function createNested(instance: NestedInstance, options: LinkOptions): boolean {
  const { service, name } = instance;
  requireScan(`${service}/instance`, `create ${name}`);
  withoutUmask(() => mkdir(CWD, `${service}/instances`, 0o755));
  sweep(service);
  const copy = copyOf(instance);
  const status = tryStat(CWD, copy);
  if (status !== undefined) {
    const what = status.type === "directory" ? "exists already" : "is in the way";
    throw new Failure(`cannot create ${name}: ${copy} ${what}`, ExitCode.usage);
  }
  const unfinished = `${service}/instances/${UNFINISHED}${name}`;
  removeTree(unfinished);
  try {
    copyTree(`${service}/template`, unfinished);
    rename(CWD, unfinished, copy);
  } catch (error) {
    removeTree(unfinished);
    throw error;
  }
  const target = `../instances/${name}`;
  try {
    if (linkService(`${service}/instance`, copy, name, { ...options, target })) return true;
  } catch (error) {
    dispose(instance);
    throw error;
  }
  dispose(instance);
  return false;
}

/** Removes the copy of an instance, or hides it where its supervisor has not ended yet. */
function dispose(instance: NestedInstance): void {
  const copy = copyOf(instance);
  if (!exists(CWD, copy)) return;
  if (!withLogger(copy).some((directory) => isSupervised(directory))) return removeTree(copy);
  const hidden = `${instance.service}/instances/${DELETED}${instance.name}`;
  removeTree(hidden);
  rename(CWD, copy, hidden);
}

/**
 * Deletes an instance in the nested scan of a service: takes it out of the scan, waits for the end of
 * its supervisor, and removes its copy of the template. Where there is none, it does nothing.
 *
 * Follows s6's `s6-instance-delete`.
 *
 * @param instance The instance.
 * @param options Whether and how long to wait.
 * @returns Whether its supervision has ended.
 */
export function deleteNested(
  instance: NestedInstance,
  options: { readonly wait: boolean; readonly timeout: number },
): boolean {
  const { service, name } = instance;
  requireScan(`${service}/instance`, `delete ${name}`);
  const inTime = unlinkService(`${service}/instance`, name, options);
  // A supervisor of s6 still has its lock for an instant after its last event.
  if (options.wait && inTime) removeTree(copyOf(instance));
  else dispose(instance);
  return inTime;
}
