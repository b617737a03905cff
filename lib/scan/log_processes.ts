import { mountPointOf, mountPoints } from "../os/mount_points.ts";
import type { LoggedService } from "../log/collector/messages.ts";
import { LogProcess, type LogProcessHost } from "./log_process.ts";

/**
 * The log processes of a scan: one for all services, and one more for each further file system that logs
 * lie on. A process that writes to a disk which stands still stands still itself.
 */
export class LogProcesses {
  readonly #host: LogProcessHost;
  readonly #processes = new Map<string, LogProcess>();
  /** The log process of each service, by the service's id. */
  readonly #of = new Map<string, LogProcess>();

  /** @param host The scan. */
  constructor(host: LogProcessHost) {
    this.#host = host;
  }

  /** How many services are logged. */
  get size(): number {
    return this.#of.size;
  }

  /**
   * Logs a service, from now on as `service` says.
   *
   * @param service The service.
   * @param output Its FIFO, open.
   */
  log(service: LoggedService, output: number): void {
    const process = this.#processFor(service);
    const former = this.#of.get(service.id);
    this.#of.set(service.id, process);
    process.log(service, output);
    // The new one ends the former one, which then starts again without this service.
    if (former !== process) former?.forget(service.id);
  }

  /**
   * Logs what a service that has ended has written, and then no longer.
   *
   * @param id The FIFO.
   * @param onWritten Called when all is written, unless the service has come back.
   */
  release(id: string, onWritten?: () => void): void {
    const process = this.#of.get(id);
    // Until then it is the process that has to be told where another one gets the service.
    process?.release(id, () => {
      this.#of.delete(id);
      onWritten?.();
    });
  }

  /** Ends all when everything is written, and calls back. */
  end(onEnd: () => void): void {
    const processes = [...this.#processes.values()];
    this.#processes.clear();
    let running = processes.length;
    if (running === 0) return onEnd();
    for (const process of processes) {
      process.end(() => {
        if (--running === 0) onEnd();
      });
    }
  }

  #processFor({ to }: LoggedService): LogProcess {
    const place = "stream" in to ? "" : mountPointOf(to.directory, mountPoints());
    const known = this.#processes.get(place);
    if (known !== undefined) return known;
    const made = new LogProcess(this.#host);
    this.#processes.set(place, made);
    return made;
  }
}
