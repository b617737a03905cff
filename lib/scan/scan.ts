import { reasonOf } from "../os/system_error.ts";
import { setInherited } from "../os/descriptor.ts";
import { ChildReaper } from "../os/spawn/child_reaper.ts";
import { close, CWD, Open, open, tryRead, writeAll } from "../os/file.ts";
import { becomeSubreaper } from "../os/process.ts";
import { Priority, reactor } from "../os/reactor.ts";
import { selfCommand } from "../os/runtime/self_command.ts";
import { ignoredSignals } from "../os/signal_state.ts";
import { ParallelSpawner } from "../os/spawn/parallel_spawner.ts";
import { PosixSpawner } from "../os/spawn/posix_spawner.ts";
import { withoutUmask } from "../os/umask.ts";
import { changeDirectory } from "../os/working_directory.ts";
import { Orphans } from "../servicedir/orphans.ts";
import { NEWLINE, ScanCommand, ScanPath } from "../servicedir/protocol.ts";
import { writeScanConditions } from "../servicedir/scan_conditions.ts";
import { heldControl, openControl, type SuperviseDir } from "../servicedir/supervise_dir.ts";
import { attempt } from "../supervise/attempt.ts";
import { answerAskers, findAskers } from "./askers.ts";
import { becomeCrash, becomeFinish, type EndingSurroundings, silence } from "./ending.ts";
import { Followers, type FollowersHost } from "./followers.ts";
import { resumeSnapshot } from "./hand_over.ts";
import { LogProcesses } from "./log_processes.ts";
import { MainCommand } from "./main_command.ts";
import { OpenFileLimit } from "./open_file_limit.ts";
import { removeDanglingLinks } from "./scan_directory.ts";
import type { ScanHost, ScanOptions } from "./scan_options.ts";
import { divertSignal, SCAN_SIGNALS, watchSignals } from "./scan_signals.ts";
import type { ScannedService } from "./scanned_service.ts";
import { ServiceSet } from "./service_set.ts";
import { descriptorsOf, type ScanSnapshot } from "./snapshot.ts";
import { StatusCopiesFile } from "./status_copies_file.ts";
import { Upgrade } from "./upgrade.ts";

/** Milliseconds until a scan of the directory that failed is tried again. */
const SCAN_RETRY = 5000;
/** The commands that bring everything down, and the signals that do the same. */
const END_SIGNALS: Readonly<Record<string, string>> = {
  [ScanCommand.interrupt]: "INT",
  [ScanCommand.end]: "TERM",
  [ScanCommand.endAtOnce]: "QUIT",
};
const SPAWNS_AT_ONCE = Math.max(2, Math.min(navigator.hardwareConcurrency, 8));

/** A running scan: carries out the commands from its control FIFO and from signals, and ends. */
export class Scan {
  readonly #options: ScanOptions;
  readonly #host: ScanHost;
  readonly #spawner: ParallelSpawner;
  readonly #ownSpawner = new PosixSpawner();
  readonly #reaper = new ChildReaper(() => this.#spawner.pending > 0);
  readonly #serviceSet: ServiceSet;
  readonly #upgrade: Upgrade;
  readonly #held: SuperviseDir;
  readonly #copies: StatusCopiesFile;
  readonly #limit = new OpenFileLimit();
  readonly #ignoredSignals: readonly number[];
  readonly #followers: Followers;
  #nextScan: Disposable | undefined;

  /**
   * Takes the scan directory, or resumes what another program in this process handed over.
   *
   * @param options The options of the command line.
   * @param host The program around the scan.
   * @throws {AlreadySupervisedError} when another scan has the directory.
   */
  constructor(options: ScanOptions, host: ScanHost) {
    this.#options = options;
    this.#host = host;
    // These two are made before anything else is opened, as the second needs it.
    reactor();
    // A service that had the console would keep it open after the scan has ended.
    if (options.console !== undefined) setInherited(options.console, false);
    const snapshot = options.resume === undefined ? undefined : resumeSnapshot(options.resume);
    this.#spawner = new ParallelSpawner({
      atOnce: SPAWNS_AT_ONCE,
      handedOver: snapshot ? descriptorsOf(snapshot).map(({ fd }) => fd) : [],
      onStarted: () => this.#serviceSet.startSome(),
    });
    if (options.subreaper) becomeSubreaper();
    const directory = options.command &&
      (snapshot?.command?.directory ?? MainCommand.workingDirectory());
    // The program that this one replaces has changed to it already.
    if (snapshot === undefined) changeDirectory(options.directory);
    else this.#limit.resume(snapshot.softNofile);
    this.#held = snapshot ? heldControl(snapshot.control, snapshot.lock) : this.#takeDirectory();
    this.#copies = new StatusCopiesFile();
    this.#ignoredSignals = snapshot?.ignoredSignals ?? ignoredSignals(SCAN_SIGNALS);
    this.#serviceSet = this.#makeServiceSet();
    this.#upgrade = this.#makeUpgrade();
    this.#followers = this.#makeFollowers(directory, snapshot);
    watchSignals((name, fromKernel) => this.#attempt(() => this.#onSignal(name, fromKernel)));
    const readControl = () => this.#attempt(() => this.#readControl());
    reactor().watch(this.#held.control, Priority.Ordinary, readControl);
    if (snapshot === undefined) this.#begin();
    else this.#resume(snapshot);
  }

  #takeDirectory(): SuperviseDir {
    const here = open(CWD, ".", Open.READ | Open.DIRECTORY);
    try {
      return withoutUmask(() => openControl(here, ScanPath, this.#options.directory, 0o600));
    } finally {
      close(here);
    }
  }

  #makeServiceSet(): ServiceSet {
    const { maxServices, maxName, console, verbose } = this.#options;
    const limit = this.#limit;
    return new ServiceSet({
      spawner: this.#spawner,
      deaths: this.#reaper,
      ignoredSignals: this.#ignoredSignals,
      get softNofile() {
        return limit.ofServices;
      },
      orphans: new Orphans(() => this.#serviceSet.identities()),
      maxServices,
      maxName,
      console,
      verbose,
      copyStatus: (lock) => this.#copies.enter(lock),
      leavesRoom: (descriptor) => limit.leavesRoom(descriptor),
      logging: { processes: this.#makeLogProcesses(), option: this.#options.log },
      report: (message) => this.#report(message),
      starting: () => this.#spawner.pending,
      onServices: (count) => limit.makeRoom(count),
      onOnlyCatchAll: () => silence(console),
      onEnd: () => this.#finish(),
      // Its standard input is the command's.
      ...this.#options.command && { serviceStdin: "null" },
      ...Followers.areWanted(this.#options) && {
        onServiceChange: (service: ScannedService) => this.#followers.note(service),
      },
    });
  }

  #makeFollowers(directory: number | undefined, snapshot: ScanSnapshot | undefined): Followers {
    const limit = this.#limit;
    const serviceSet = this.#serviceSet;
    const host: FollowersHost = {
      get services() {
        return serviceSet.services;
      },
      spawner: this.#ownSpawner,
      deaths: this.#reaper,
      ignoredSignals: this.#ignoredSignals,
      get softNofile() {
        return limit.ofServices;
      },
      report: (message) => this.#report(message),
      attempt: (call) => this.#attempt(call),
      end: (drain) => this.#end(drain),
    };
    return new Followers(this.#options, directory, host, snapshot);
  }

  #makeLogProcesses(): LogProcesses {
    return new LogProcesses({
      command: () => [...selfCommand(), "scan", "--collect", this.#options.directory],
      spawner: this.#ownSpawner,
      deaths: this.#reaper,
      report: (message) => this.#report(message),
    });
  }

  #makeUpgrade(): Upgrade {
    const limit = this.#limit;
    const serviceSet = this.#serviceSet;
    return new Upgrade({
      program: [...selfCommand(), "scan"],
      args: this.#host.args,
      named: this.#options.console === undefined ? [] : [this.#options.console],
      directory: ScanPath.directory,
      spawner: this.#ownSpawner,
      deaths: this.#reaper,
      get softNofile() {
        return limit.ofServices;
      },
      get obstacle() {
        return serviceSet.ending ? "everything is being brought down" : undefined;
      },
      handOver: (...next) => this.#followers.handOver(...next),
      whenNothingStarts: (callback) => this.#whenNothingStarts(callback),
      snapshot: () => this.#snapshot(),
      report: (message) => this.#report(message),
    });
  }

  #report(message: string): void {
    this.#host.report(message);
  }

  #begin(): void {
    removeDanglingLinks();
    this.#noteConditions();
    const { notification } = this.#options;
    if (notification !== undefined) {
      writeAll(notification, Uint8Array.of(NEWLINE), `the newline to descriptor ${notification}`);
      close(notification);
    }
    this.#scan();
    this.#followers.begin();
  }

  /** Leaves word of what services get, for scripts that are to run under the same conditions. */
  #noteConditions(): void {
    try {
      writeScanConditions(this.#held.lock, this.#limit.ofServices);
    } catch {
      // No space is left, say. Scripts then run with a umask of 022.
    }
  }

  #resume(snapshot: ScanSnapshot): void {
    this.#noteConditions();
    this.#serviceSet.resume(snapshot);
    // Children may have died between the programs: the signals that told of them are gone.
    this.#reaper.reap();
    this.#scheduleScan(this.#options.rescan);
    this.#followers.resume();
    // A program of format 1 lists no askers: every asker that exists now is answered.
    this.#attempt(() => {
      const { askers = findAskers(ScanPath.directory), version: from } = snapshot;
      const to = this.#host.version;
      answerAskers(ScanPath.directory, askers, { upgraded: true, from, to });
    });
  }

  /** The scan at this instant; undefined while a service is being started. */
  #snapshot(): ScanSnapshot | undefined {
    const serviceSet = this.#serviceSet.snapshot();
    const softNofile = this.#limit.ofServices;
    return serviceSet && {
      version: this.#host.version,
      askers: [],
      control: this.#held.control,
      lock: this.#held.lock,
      ...softNofile !== undefined && { softNofile },
      ignoredSignals: this.#ignoredSignals,
      ...this.#followers.snapshot,
      ...serviceSet,
    };
  }

  #attempt(call: () => void): void {
    attempt((message) => this.#report(message), call);
  }

  #whenNothingStarts(callback: () => void): void {
    this.#serviceSet.whenNothingStarts(() => this.#attempt(callback));
  }

  #scan(): void {
    try {
      this.#serviceSet.scan();
    } catch (error) {
      this.#scheduleScan(SCAN_RETRY);
      throw error;
    }
    this.#scheduleScan(this.#options.rescan);
  }

  #scheduleScan(milliseconds: number): void {
    this.#nextScan?.[Symbol.dispose]();
    this.#nextScan = milliseconds > 0
      ? reactor().after(milliseconds, () => this.#attempt(() => this.#scan()))
      : undefined;
  }

  #onSignal(name: string, fromKernel: boolean): void {
    if (name === "CHLD") return this.#reaper.reap();
    if (name === "ALRM") return this.#scan();
    if (name === "ABRT") return this.#abandon();
    try {
      const softNofile = this.#limit.ofServices;
      const ignoredSignals = this.#ignoredSignals;
      if (divertSignal(name, this.#ownSpawner, { softNofile, ignoredSignals })) return;
    } catch (error) {
      this.#report(`warning: ${reasonOf(error)}; doing what the signal does by default`);
    }
    if (this.#followers.command?.takes(name, fromKernel)) return;
    if (name === "HUP") this.#obey(ScanCommand.scanAndPrune);
    else if (name === "INT" || name === "TERM") this.#end(true);
    else if (name === "QUIT") this.#end(false);
  }

  #readControl(): void {
    const buffer = new Uint8Array(512);
    const count = tryRead(this.#held.control, buffer);
    const commands = [...buffer.subarray(0, Math.max(count, 0))].map((byte) =>
      String.fromCharCode(byte)
    );
    // As under s6, services are brought down also where the command to leave them comes first.
    const ends = commands.some((command) => command in END_SIGNALS);
    for (const command of commands) {
      if (!ends || command !== ScanCommand.abandon) this.#obey(command);
    }
  }

  #obey(command: string): void {
    const signal = END_SIGNALS[command];
    if (signal !== undefined && this.#followers.command?.tellEnd(signal)) return;
    switch (command) {
      case ScanCommand.reap:
        return this.#reaper.reap();
      case ScanCommand.scan:
        return this.#scan();
      case ScanCommand.abandon:
        return this.#abandon();
      case ScanCommand.scanAndPrune:
        this.#scan();
        return this.#serviceSet.prune(true);
      case ScanCommand.interrupt:
      case ScanCommand.end:
        return this.#end(true);
      case ScanCommand.endAtOnce:
        return this.#end(false);
      case ScanCommand.prune:
        return this.#serviceSet.prune(true);
      case ScanCommand.pruneAtOnce:
        return this.#serviceSet.prune(false);
      case ScanCommand.upgrade:
        return this.#upgrade.request();
      default:
        this.#report(`warning: unknown command ${JSON.stringify(command)} in ${ScanPath.control}`);
    }
  }

  /** Brings everything down; `drain`: loggers first read everything that was written to them. */
  #end(drain: boolean): void {
    this.#followers.stopping();
    this.#serviceSet.end(drain);
  }

  /**
   * Ends the scan and leaves services alone; waits for starts whose process ids are unknown. Where all
   * are being brought down, that goes on: under s6 the supervisors go on with it after s6-svscan has
   * ended, here they end with the scan.
   */
  #abandon(): void {
    if (this.#serviceSet.ending) return;
    // An upgrade that waits for the same instant would start the scan anew.
    this.#upgrade.giveUp("the scan is told to end at once");
    this.#followers.abandon();
    this.#serviceSet.abandon();
  }

  /** Ends: becomes `finish`, where there is one. */
  #finish(): void {
    this.#upgrade.giveUp("the scan ends");
    // What finish wrote would have no reader, and a logger that still reads would never end.
    if (this.#serviceSet.hasCatchAll) silence(this.#options.console);
    becomeFinish(this.#surroundings, this.#host, this.#followers.command?.code);
  }

  /** Ends where this program can't go on: becomes `crash`. */
  crash(): void {
    becomeCrash(this.#surroundings, this.#host);
  }

  get #surroundings(): EndingSurroundings {
    return { console: this.#options.console, softNofile: this.#limit.ofServices };
  }
}
