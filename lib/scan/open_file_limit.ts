import { openFiles, setSoftOpenFiles } from "../os/limits.ts";
import { softLimitAtStart } from "../os/runtime/soft_limit_at_start.ts";

/** How many descriptors a service needs at most, while it starts, and a scan for itself. */
const DESCRIPTORS_PER_SERVICE = 6;
const DESCRIPTORS_BESIDES = 64;
/**
 * How many stay free for starts, of which there are some at once: pipes, and files that are read meanwhile. Of a
 * small limit no more than this part: with less room fewer are started at once, but more services.
 */
const DESCRIPTORS_OF_STARTS = 16;
const PART_FOR_STARTS = 1 / 8;

/** The limit on open files: the scan's own grows with its services, and theirs stays as it was. */
export class OpenFileLimit {
  #ofServices: number | undefined;
  /** This process's own soft limit, when it was asked for last. */
  #own = 0;

  constructor() {
    const atStart = softLimitAtStart();
    const changed = atStart !== undefined && BigInt(atStart) !== openFiles().soft;
    this.#ofServices = changed ? atStart : undefined;
  }

  /** The soft limit that services get, where it is not this process's own. */
  get ofServices(): number | undefined {
    return this.#ofServices;
  }

  /** Goes on with the limit of a former program in this process, which may have raised its own. */
  resume(ofServices: number | undefined): void {
    this.#ofServices = ofServices;
  }

  /**
   * Whether descriptors are left to start programs where this one is open, and those below it. Without any, a
   * scan would hold the directories of many services and be able to start none.
   */
  leavesRoom(descriptor: number): boolean {
    if (descriptor + DESCRIPTORS_OF_STARTS < this.#own) return true;
    const own = this.#own = Number(openFiles().soft);
    return descriptor + Math.min(DESCRIPTORS_OF_STARTS, Math.floor(own * PART_FOR_STARTS)) < own;
  }

  /** Raises this process's limit, if it may, so that there is room for a number of services. */
  makeRoom(services: number): void {
    const needed = BigInt(services * DESCRIPTORS_PER_SERVICE + DESCRIPTORS_BESIDES);
    const { soft, hard } = openFiles();
    if (soft >= needed || soft >= hard) return;
    this.#ofServices ??= Number(soft);
    setSoftOpenFiles(hard);
  }
}
