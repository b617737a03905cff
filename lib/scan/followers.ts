import type { Deaths } from "../os/spawn/deaths.ts";
import type { Spawner } from "../os/spawn/spawner.ts";
import { handOver } from "./hand_over.ts";
import { MainCommand } from "./main_command.ts";
import type { ScanOptions } from "./scan_options.ts";
import type { ScannedService } from "./scanned_service.ts";
import { ServiceManager } from "./service_manager.ts";
import type { ScanSnapshot } from "./snapshot.ts";
import { WantedServices } from "./wanted_services.ts";

/** What the {@linkcode Followers} need of the scan. */
export interface FollowersHost {
  /** The services that the scan knows. */
  readonly services: Iterable<ScannedService>;
  /** Starts the command. */
  readonly spawner: Spawner;
  /** Learns of its death. */
  readonly deaths: Deaths;
  /** The signals that it ignores. */
  readonly ignoredSignals: readonly number[];
  /** Its soft limit on open files, where it is not this process's. */
  readonly softNofile: number | undefined;
  /** Reports a message to the administrator. */
  readonly report: (message: string) => void;
  /** Calls a function, and reports where that fails. */
  readonly attempt: (call: () => void) => void;
  /** Brings all services down; `drain`: loggers first read everything that was written to them. */
  readonly end: (drain: boolean) => void;
}

/** What follows the services of a scan: its command, and the service manager that has started it, if any. */
export class Followers {
  /** The command of the scan. */
  readonly command: MainCommand | undefined;
  readonly #manager: ServiceManager | undefined;
  readonly #wanted: WantedServices | undefined;
  readonly #attempt: FollowersHost["attempt"];

  /**
   * @param options The options of the scan.
   * @param directory The directory that the command is started in, open; undefined where there is none.
   * @param host The scan.
   * @param snapshot The scan as another program in this process left it.
   */
  constructor(
    { command, manager, readyWhen }: ScanOptions,
    directory: number | undefined,
    host: FollowersHost,
    snapshot: ScanSnapshot | undefined,
  ) {
    this.#attempt = host.attempt;
    const services = () => host.services;
    if (manager !== undefined) {
      const wasReady = snapshot?.toldReady ?? false;
      this.#manager = new ServiceManager(manager, readyWhen, services, host.report, wasReady);
    }
    if (command === undefined || directory === undefined) return;
    const wanted = new WantedServices(
      services,
      () => host.attempt(() => this.command?.servicesChanged()),
    );
    this.#wanted = wanted;
    const commandHost = {
      wanted,
      spawner: host.spawner,
      deaths: host.deaths,
      ignoredSignals: host.ignoredSignals,
      get softNofile() {
        return host.softNofile;
      },
      report: host.report,
      end: host.end,
    };
    this.command = new MainCommand(command, directory, commandHost, snapshot?.command);
  }

  /** Whether there is anything that follows the services. */
  static areWanted({ command, manager }: ScanOptions): boolean {
    return command !== undefined || manager !== undefined;
  }

  /** Begins when the scan takes commands. */
  begin(): void {
    this.#attempt(() => this.#manager?.begin());
    this.#attempt(() => this.command?.begin());
  }

  /** Goes on where another program in this process has left off. */
  resume(): void {
    this.#attempt(() => this.#manager?.begin());
    this.#attempt(() => this.command?.resume());
  }

  /** Takes note that the state of a service has changed. */
  note(service: ScannedService): void {
    this.#wanted?.note(service);
    this.#manager?.note(service);
  }

  /** Takes note that everything is being brought down. */
  stopping(): void {
    this.#manager?.stopping();
  }

  /** Takes note that the scan ends, and leaves everything alone. */
  abandon(): void {
    this.command?.abandon();
    this.#manager?.stopping();
  }

  /** Replaces this program by another, and tells the service manager. */
  readonly handOver: typeof handOver = (...next) => {
    const call = () => handOver(...next);
    return this.#manager === undefined ? call() : this.#manager.whileReloading(call);
  };

  /** Their part of the scan's snapshot. */
  get snapshot(): Pick<ScanSnapshot, "command" | "toldReady"> {
    return {
      ...this.command && { command: this.command.snapshot },
      ...this.#manager?.isReady && { toldReady: true },
    };
  }
}
