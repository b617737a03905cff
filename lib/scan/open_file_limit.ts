import { openFiles, setSoftOpenFiles } from "../os/limits.ts";
import { softLimitAtStart } from "../os/runtime/soft_limit_at_start.ts";

/** How many descriptors a service needs at most, while it starts, and a scan for itself. */
const DESCRIPTORS_PER_SERVICE = 6;
const DESCRIPTORS_BESIDES = 64;

/** The limit on open files: the scan's own grows with its services, and theirs stays as it was. */
export class OpenFileLimit {
  #ofServices: number | undefined;

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

  /** Raises this process's limit, if it may, so that there is room for a number of services. */
  makeRoom(services: number): void {
    const needed = BigInt(services * DESCRIPTORS_PER_SERVICE + DESCRIPTORS_BESIDES);
    const { soft, hard } = openFiles();
    if (soft >= needed || soft >= hard) return;
    this.#ofServices ??= Number(soft);
    setSoftOpenFiles(hard);
  }
}
