import { eachName, EntryType, readNames } from "../os/directory.ts";
import { CWD, Descriptor, Open, open } from "../os/file.ts";
import { tryStat } from "../os/file_status.ts";
import { Access, accessErrno, unlink } from "../os/path.ts";
import { decodeOs, encodeOs } from "../os/os_string.ts";
import { Errno, reasonOf } from "../os/system_error.ts";
import { isTemplateName } from "../servicedir/instance_name.ts";
import { ServicePath } from "../servicedir/protocol.ts";

const DOT = 0x2e;

/** A service directory that was found in a scan directory. */
export interface FoundService {
  /** Its name there: `foo`, or `foo/log` for a logger. */
  readonly name: string;
  /** Device and inode of the directory: they stay when it is renamed. */
  readonly identity: string;
}

/** A service that was found, and its logger if it has one. */
export interface FoundPair {
  /** The service. */
  readonly service: FoundService;
  /** Its logger. */
  readonly logger?: FoundService;
}

/** The contents of a scan directory. */
export interface Found {
  /** The services. */
  readonly pairs: readonly FoundPair[];
  /** Names whose status could not be read: they may be services. */
  readonly unknown: ReadonlySet<string>;
}

function directory(name: string): FoundService | undefined {
  const status = tryStat(CWD, name);
  return status?.type === "directory" ? { name, identity: status.identity } : undefined;
}

function names(): string[] {
  using here = new Descriptor(open(CWD, ".", Open.READ | Open.DIRECTORY));
  return readNames(here.fd, "the scan directory")
    .filter((name) => !name.startsWith(".") && !isTemplateName(name));
}

/**
 * Finds the service directories, and links to some, in the working directory. Warns about names
 * whose status can't be read.
 *
 * @param nameMax How many bytes a name has at most.
 * @param warn Where warnings go.
 */
export function findServices(nameMax: number, warn: (message: string) => void): Found {
  const pairs: FoundPair[] = [];
  const unknown = new Set<string>();
  for (const name of names()) {
    if (encodeOs(name).length > nameMax) {
      warn(`not starting ${name}: its name is longer than ${nameMax} bytes`);
      continue;
    }
    try {
      const service = directory(name);
      const logger = service && directory(`${name}/${ServicePath.logger}`);
      if (service !== undefined) pairs.push({ service, ...logger && { logger } });
    } catch (error) {
      warn(`not starting ${name}: ${reasonOf(error)}`);
      unknown.add(name);
    }
  }
  return { pairs, unknown };
}

/** Removes dangling links from the working directory: their services have been deleted. */
export function removeDanglingLinks(): void {
  const links: string[] = [];
  {
    using here = new Descriptor(open(CWD, ".", Open.READ | Open.DIRECTORY));
    eachName(here.fd, "the scan directory", (name, type) => {
      const isLink = type === EntryType.LINK || type === EntryType.UNKNOWN;
      if (isLink && name[0] !== DOT) links.push(decodeOs(name.subarray(0, -1)));
    });
  }
  for (const name of links) {
    if (accessErrno(CWD, name, Access.EXISTS) === Errno.ENOENT) unlink(CWD, name);
  }
}
