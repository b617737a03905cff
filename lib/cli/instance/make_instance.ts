import { CWD, Descriptor, Open, open } from "../../os/file.ts";
import { tryStat } from "../../os/file_status.ts";
import { effectiveGroupId } from "../../os/credentials.ts";
import { mkdir } from "../../os/path.ts";
import { makeFifodir } from "../../fifodir/make.ts";
import { markDown } from "../../servicedir/mark_down.ts";
import {
  type InstanceRecord,
  linkTemplate,
  writeInstanceRecord,
} from "../../servicedir/instance.ts";
import { ServicePath, SupervisePath } from "../../servicedir/protocol.ts";
import { unfinishedPath } from "./scan_directory_lock.ts";
import type { ScannedInstance } from "./instance_target.ts";

/** What a new instance is like. */
export interface NewInstance {
  /** Whether it gets a file `down`. */
  readonly down: boolean;
  /** Whether every user may listen to its events; default: only members of this process's group. */
  readonly public: boolean;
}

/** Makes a service directory of links: an instance, or its logger. */
function makeDirectory(path: string, record: InstanceRecord, options: NewInstance): void {
  mkdir(CWD, path, 0o755);
  mkdir(CWD, `${path}/${SupervisePath.directory}`, 0o700);
  const group = options.public ? {} : { group: effectiveGroupId() };
  makeFifodir(`${path}/${ServicePath.event}`, group);
  using directory = new Descriptor(open(CWD, path, Open.READ | Open.DIRECTORY));
  writeInstanceRecord(directory.fd, record);
  linkTemplate(directory.fd, record);
  if (options.down) markDown(directory.fd, ServicePath.down);
}

/**
 * Makes the service directory of an instance, of links to its template's files, under a name that scans
 * skip. Returns its path.
 */
export function makeInstance(target: ScannedInstance, options: NewInstance): string {
  const { scandir, service, template, instance } = target;
  const path = unfinishedPath(scandir, service);
  const source = `../${template}`;
  const overrides = `${source}/${ServicePath.overrides}/${instance}`;
  makeDirectory(path, { name: instance, template: source, overrides }, options);
  const { logger } = ServicePath;
  if (tryStat(CWD, `${scandir}/${template}/${logger}`)?.type === "directory") {
    makeDirectory(`${path}/${logger}`, {
      name: `${instance}/${logger}`,
      template: `../${source}/${logger}`,
      overrides: `../${overrides}/${logger}`,
    }, options);
  }
  return path;
}
