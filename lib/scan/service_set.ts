import { pipe } from "../os/descriptor.ts";
import { reactor } from "../os/reactor.ts";
import { CWD, Descriptor, Open, open } from "../os/file.ts";
import { cString } from "../os/os_string.ts";
import type { Orphans } from "../servicedir/orphans.ts";
import { type ProcessIdentity, readIdentity } from "../servicedir/process_identity.ts";
import { SupervisePath } from "../servicedir/protocol.ts";
import { findSurvivor } from "../servicedir/survivor.ts";
import { findServices, type FoundService } from "./scan_directory.ts";
import { direct, type Logging } from "./logging.ts";
import { survivingPipe } from "./surviving_pipe.ts";
import {
  type CommonOptions,
  ScannedService,
  type ScannedServiceSnapshot,
} from "./scanned_service.ts";

/** The name of the catch-all logger, whose own errors go to the console. */
export const CATCH_ALL_LOGGER = "s6-svscan-log";

/** How many services are started at a time. */
const STARTS_AT_ONCE = 4;

/** The options of a {@linkcode ServiceSet}. */
export interface ServiceSetOptions extends CommonOptions {
  /** Where processes of starts are looked for that were not recorded. */
  readonly orphans: Orphans;
  /** How many services there may be, loggers included. */
  readonly maxServices: number;
  /** How many bytes a name may have. */
  readonly maxName: number;
  /** The descriptor of the console, for the catch-all logger. */
  readonly console: number | undefined;
  /** How services without a logger are logged; undefined: not at all. */
  readonly logging?: Logging;
  /** Gets messages for the administrator. */
  readonly report: (message: string) => void;
  /** Is called with the number of known services, before new ones are started. */
  readonly onServices: (count: number) => void;
  /** Returns how many programs are being started. */
  readonly starting: () => number;
  /**
   * Is called when after {@linkcode ServiceSet.end} only the catch-all logger is left, which reads
   * the scan's own output.
   */
  readonly onOnlyCatchAll: () => void;
  /** Is called when the last service has ended after {@linkcode ServiceSet.end}. */
  readonly onEnd: () => void;
}

/** The services in the snapshot of an upgrade. */
export interface ServiceSetSnapshot {
  /** The services. */
  readonly services: readonly ScannedServiceSnapshot[];
  /** For each service that has a logger: its index in `services`, and the logger's. */
  readonly loggers: readonly (readonly [number, number])[];
}

/** The services of a scan directory, which is the working directory. */
export class ServiceSet {
  readonly #options: ServiceSetOptions;
  readonly #services = new Map<string, ScannedService>();
  readonly #loggers = new Map<ScannedService, ScannedService>();
  #toStart: ScannedService[] = [];
  #nextStart: Disposable | undefined;
  #ending = false;
  #abandoned = false;
  #hasCatchAll = false;
  /** Callbacks of {@linkcode ServiceSet.whenNothingStarts}, called after the last start. */
  readonly #afterStarts: (() => void)[] = [];

  /** @param options Its options. */
  constructor(options: ServiceSetOptions) {
    this.#options = options;
  }

  /** All services that are known, loggers included. */
  get services(): Iterable<ScannedService> {
    return this.#services.values();
  }

  /** Reads what is recorded of their processes. */
  *identities(): Iterable<ProcessIdentity> {
    for (const { name } of this.#services.values()) {
      const identity = readIdentity(CWD, cString(`${name}/${SupervisePath.process}`));
      if (identity !== undefined) yield identity;
    }
  }

  /** Looks for service directories: starts new services, and marks those that are no longer found. */
  scan(): void {
    if (this.#ending) return;
    const { maxName, report } = this.#options;
    const found = new Set<ScannedService>();
    const pairsToJoin: [ScannedService, ScannedService][] = [];
    const { pairs, unknown } = findServices(maxName, (message) => report(`warning: ${message}`));
    for (const pair of pairs) {
      const service = this.#know(pair.service);
      if (service === undefined) continue;
      found.add(service);
      const logger = pair.logger && this.#know(pair.logger);
      this.#direct(service, pair.logger !== undefined);
      if (logger === undefined) continue;
      found.add(logger);
      if (!this.#loggers.has(service)) pairsToJoin.push([service, logger]);
    }
    // Survivors are looked for when all services are known: what one has recorded is none of another's.
    for (const [service, logger] of pairsToJoin) this.#join(service, logger);
    for (const service of this.#services.values()) {
      // A service whose status can't be read now counts as found.
      if (!unknown.has(service.name.split("/")[0]!)) service.active = found.has(service);
    }
    this.#options.onServices(this.#services.size);
    // Those that run need no turn: one new service among a thousand would wait for theirs.
    this.#toStart = [...found].filter(({ running }) => !running);
    this.startSome();
    for (const service of [...this.#services.values()]) {
      if (!service.active && !service.running) service.stop(false);
    }
  }

  /**
   * Starts services, a few at a time: between them the reactor serves those that run already, and
   * the threads that start programs are never idle. Call it whenever a program has been started.
   */
  startSome(): void {
    const room = STARTS_AT_ONCE - this.#options.starting();
    if (this.#ending || this.#toStart.length === 0 || room <= 0) return this.#checkStarts();
    for (const service of this.#toStart.splice(0, room)) service.start();
    // Where no program is started on a thread, there is no call that says it has been started.
    this.#nextStart?.[Symbol.dispose]();
    this.#nextStart = reactor().after(0, () => this.startSome());
  }

  /** Drops the services that wait for their turn to be started. */
  startNoMore(): void {
    this.#toStart = [];
    this.#checkStarts();
  }

  /** Calls back as soon as no service waits to be started and no program is being started. */
  whenNothingStarts(callback: () => void): void {
    if (this.#startsSomething) this.#afterStarts.push(callback);
    else callback();
  }

  get #startsSomething(): boolean {
    return this.#toStart.length > 0 || this.#options.starting() > 0;
  }

  /**
   * Calls the callbacks of `whenNothingStarts` after the last start; each start ends with this. They
   * run in a later turn: a daemon may have died before its process id was known, and its service
   * learns of that only after this turn.
   */
  #checkStarts(): void {
    if (this.#afterStarts.length === 0 || this.#startsSomething) return;
    reactor().after(0, () => {
      if (!this.#startsSomething) this.#afterStarts.splice(0).forEach((callback) => callback());
    });
  }

  #know({ name, identity }: FoundService): ScannedService | undefined {
    const known = this.#services.get(identity);
    if (known !== undefined) {
      known.name = name;
      return known;
    }
    const { maxServices, report } = this.#options;
    if (this.#services.size >= maxServices) {
      report(`warning: not starting ${name}: there are ${maxServices} services already (-C)`);
      return undefined;
    }
    return this.#add(name, identity);
  }

  #add(name: string, identity: string): ScannedService {
    const service = new ScannedService(
      name,
      identity,
      this.#options,
      this.#options.report,
      (gone) => this.#forget(gone),
      this.#options.logging?.processes,
    );
    if (name === CATCH_ALL_LOGGER) {
      service.stderr = this.#options.console;
      this.#hasCatchAll = true;
    }
    this.#services.set(identity, service);
    return service;
  }

  /** Has the output of a service logged, where it is to be. */
  #direct(service: ScannedService, hasLogger: boolean): void {
    const { logging, report } = this.#options;
    if (logging !== undefined && service.name !== CATCH_ALL_LOGGER) {
      direct(service, hasLogger, logging, report);
    }
  }

  /** Joins a service to its logger: by the pipe that they had under a former scan, or a new one. */
  #join(service: ScannedService, logger: ScannedService): void {
    this.#loggers.set(service, logger);
    // The FIFO that a log process reads: it is read until its last writer has ended.
    service.closePipe();
    const { orphans } = this.#options;
    const made = survivingPipe(survivorOf(service, orphans), survivorOf(logger, orphans)) ?? pipe();
    service.pipeEnd = made.write;
    logger.pipeEnd = made.read;
  }

  #forget(gone: ScannedService): void {
    if (this.#services.get(gone.identity) === gone) this.#services.delete(gone.identity);
    this.#options.onServiceChange?.(gone);
    this.#loggers.delete(gone);
    for (const [service, logger] of this.#loggers) {
      if (logger !== gone) continue;
      this.#loggers.delete(service);
      service.closePipe();
    }
    const [last] = this.#services.values();
    if (this.#ending && this.#services.size === 1 && last!.name === CATCH_ALL_LOGGER) {
      this.#endLogs(() => this.#options.onOnlyCatchAll());
    }
    if (this.#ending && this.#services.size === 0) this.#endLogs(() => this.#options.onEnd());
  }

  /** Calls back when the log processes have written everything. Services that are left alone keep them. */
  #endLogs(then: () => void): void {
    const { logging } = this.#options;
    if (logging === undefined || this.#abandoned) then();
    else logging.processes.end(then);
  }

  /**
   * Ends the supervision of services that the last scan did not find.
   *
   * @param drainLoggers Whether loggers first read everything that was written to them.
   */
  prune(drainLoggers: boolean): void {
    for (const service of [...this.#services.values()]) {
      if (!service.active) service.stop(drainLoggers && service.isLogger);
    }
  }

  /**
   * Brings everything down.
   *
   * @param drainLoggers Whether loggers first read everything that was written to them.
   */
  end(drainLoggers: boolean): void {
    this.#ending = true;
    this.startNoMore();
    const services = [...this.#services.values()];
    for (const service of services) service.ending = true;
    if (services.length === 0) this.#endLogs(() => this.#options.onEnd());
    for (const service of services) {
      service.stop(drainLoggers && (service.isLogger || service.name === CATCH_ALL_LOGGER));
    }
  }

  /**
   * Ends the supervision at once; all services go on running. One that is being started is left as soon
   * as it is known which process it is; no other is started meanwhile, or that might go on for ever.
   */
  abandon(): void {
    this.#ending = true;
    this.#abandoned = true;
    this.startNoMore();
    const services = [...this.#services.values()];
    for (const service of services) service.ending = true;
    if (services.length === 0) this.#options.onEnd();
    for (const service of services) service.abandon();
  }

  /** Whether there is a catch-all logger, which reads the scan's own output, or was one. */
  get hasCatchAll(): boolean {
    return this.#hasCatchAll;
  }

  /** Whether everything is being brought down. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Returns the snapshot of all services; undefined while a program is being started. */
  snapshot(): ServiceSetSnapshot | undefined {
    if (this.#toStart.length > 0) return undefined;
    const services = [...this.#services.values()];
    const snapshots = services.map((service) => service.snapshot());
    if (!snapshots.every((snapshot) => snapshot !== undefined)) return undefined;
    const loggers = [...this.#loggers].map(([service, logger]) =>
      [services.indexOf(service), services.indexOf(logger)] as const
    );
    return { services: snapshots, loggers };
  }

  /** Resumes the services that another program in this process handed over. */
  resume(snapshot: ServiceSetSnapshot): void {
    const services = snapshot.services.map(({ name, identity }) => this.#add(name, identity));
    for (const [service, logger] of snapshot.loggers) {
      this.#loggers.set(services[service]!, services[logger]!);
    }
    this.#options.onServices(services.length);
    for (const service of services) {
      if (!service.isLogger) this.#direct(service, this.#loggers.has(service));
    }
    snapshot.services.forEach((service, index) => services[index]!.resume(service));
  }
}

/** Returns the process of a service that survived a former scan and has not been taken over yet. */
function survivorOf({ name, running }: ScannedService, orphans: Orphans): number | undefined {
  if (running) return undefined;
  try {
    using directory = new Descriptor(open(CWD, name, Open.READ | Open.DIRECTORY));
    return findSurvivor(directory.fd, orphans).survivor?.pid;
  } catch {
    return undefined;
  }
}
