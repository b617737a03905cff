import { effectiveGroupId } from "../../os/credentials.ts";
import { Descriptor, Open, open } from "../../os/file.ts";
import { Access, accessErrno, mkdir, symlink } from "../../os/path.ts";
import { makeFifodirAt, type MakeFifodirOptions } from "../../fifodir/make.ts";
import { markDown } from "../../servicedir/mark_down.ts";
import {
  type InstanceRecord,
  linkedNames,
  linksTo,
  writeInstanceRecord,
} from "../../servicedir/instance.ts";
import { ServicePath, SupervisePath } from "../../servicedir/protocol.ts";
import { inDirectory } from "../../servicedir/take_service_directory.ts";
import { unfinished } from "./scan_directory_lock.ts";
import type { ScannedInstance } from "./instance_target.ts";

/** What a new instance is like. */
export interface NewInstance {
  /** Whether it gets a file `down`. */
  readonly down: boolean;
  /** Whether every user may listen to its events; default: only members of this process's group. */
  readonly public: boolean;
}

/** Makes instances of one template. What they have in common is read once. */
export class InstanceMaker {
  readonly #scandir: number;
  readonly #down: boolean;
  readonly #fifodir: MakeFifodirOptions;
  /** The names that each instance links. */
  readonly #names: readonly string[];
  /** The names that the logger of each instance links; undefined where the template has none. */
  readonly #loggerNames: readonly string[] | undefined;
  /** Where the template has files for single instances, relative to the scan directory. */
  readonly #overrides: string | undefined;

  /**
   * @param scandir The scan directory, open.
   * @param template The template's name.
   * @param options What its new instances are like.
   */
  constructor(scandir: number, template: string, options: NewInstance) {
    const { logger } = ServicePath;
    const has = (name: string) =>
      accessErrno(scandir, `${template}/${name}/.`, Access.EXISTS) === 0;
    this.#scandir = scandir;
    this.#down = options.down;
    this.#fifodir = options.public ? {} : { group: effectiveGroupId() };
    this.#names = linkedNames(scandir, template);
    this.#loggerNames = has(logger) ? linkedNames(scandir, `${template}/${logger}`) : undefined;
    if (has(ServicePath.overrides)) this.#overrides = `${template}/${ServicePath.overrides}`;
  }

  /** Whether the template has a logger, and so each instance one of its own. */
  get hasLogger(): boolean {
    return this.#loggerNames !== undefined;
  }

  /**
   * Makes the service directory of an instance, of links to its template's files, under a name that scans
   * skip. Returns that name.
   */
  make({ service, template, instance, dir }: ScannedInstance): string {
    const made = unfinished(service);
    const source = `../${template}`;
    const overrides = `${source}/${ServicePath.overrides}/${instance}`;
    try {
      this.#makeDirectory(made, { name: instance, template: source, overrides }, this.#names);
      if (this.#loggerNames === undefined) return made;
      const { logger } = ServicePath;
      this.#makeDirectory(`${made}/${logger}`, {
        name: `${instance}/${logger}`,
        template: `../${source}/${logger}`,
        overrides: `../${overrides}/${logger}`,
      }, this.#loggerNames);
      return made;
    } catch (error) {
      throw inDirectory(dir, error);
    }
  }

  /** Makes a service directory of links: an instance, or its logger. */
  #makeDirectory(path: string, record: InstanceRecord, names: readonly string[]): void {
    mkdir(this.#scandir, path, 0o755);
    using directory = new Descriptor(open(this.#scandir, path, Open.PATH | Open.DIRECTORY));
    mkdir(directory.fd, SupervisePath.directory, 0o700);
    makeFifodirAt(directory.fd, ServicePath.event, this.#fifodir);
    writeInstanceRecord(directory.fd, record);
    const overrides = this.#overrides === undefined
      ? []
      : linkedNames(directory.fd, record.overrides!);
    for (const [name, target] of linksTo(record, { template: names, overrides })) {
      symlink(target, directory.fd, name);
    }
    if (this.#down) markDown(directory.fd, ServicePath.down);
  }
}
