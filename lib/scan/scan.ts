import { replaceDescriptor } from "../os/descriptor.ts";
import { ChildReaper } from "../os/child_reaper.ts";
import { exec, execFailureCode } from "../os/spawn/exec.ts";
import { close, CWD, Open, open, tryRead, writeAll } from "../os/file.ts";
import { Access, accessErrno } from "../os/path.ts";
import { openFiles, setSoftOpenFiles, softLimitAtStart } from "../os/limits.ts";
import { becomeSubreaper } from "../os/process.ts";
import { Priority, reactor } from "../os/reactor.ts";
import { redirect } from "../os/runtime/redirect.ts";
import { selfCommand } from "../os/runtime/self_command.ts";
import { sendSignal } from "../os/send_signal.ts";
import { Signal, signalName, signalNumber } from "../os/signal.ts";
import { ignoredSignals, receiveChildSignals } from "../os/signal_state.ts";
import { readSignals, signalDescriptor } from "../os/signal_descriptor.ts";
import { ParallelSpawner } from "../os/spawn/parallel_spawner.ts";
import { PosixSpawner } from "../os/spawn/posix_spawner.ts";
import { Errno } from "../os/system_error.ts";
import { withoutUmask } from "../os/umask.ts";
import { changeDirectory } from "../os/working_directory.ts";
import { ServiceSet } from "./service_set.ts";
import { descriptors, handOver, type ScanSnapshot, takeOver } from "./upgrade.ts";
import { heldControl, openControl, type SuperviseDir } from "../servicedir/supervise_dir.ts";
import { NEWLINE, ScanCommand, ScanPath } from "../servicedir/protocol.ts";
import { removeDanglingLinks } from "./scan_directory.ts";

/** Signals that an executable of that name in the control directory may take care of. */
const DIVERTED = ["HUP", "INT", "TERM", "QUIT", "USR1", "USR2", "PWR", "WINCH"] as const;

/** All signals that mean something. */
const LISTENED = ["CHLD", "ALRM", "ABRT", ...DIVERTED] as const;

/** Descriptors that a service needs at most while it starts, with room for what else there is. */
const DESCRIPTORS_PER_SERVICE = 6;
const DESCRIPTORS_BESIDES = 64;
/** Milliseconds until a scan that failed is tried again. */
const SCAN_RETRY = 5000;

/** Milliseconds that the program on disk has to show that it runs. It may have to be unpacked. */
const TRIAL = 60_000;
const SPAWNS_AT_ONCE = Math.max(2, Math.min(navigator.hardwareConcurrency, 8));

/** What a {@linkcode Scan} is told. */
export interface ScanOptions {
  /** The scan directory. */
  readonly directory: string;
  /** How many services there may be, loggers included. */
  readonly maxServices: number;
  /** How many bytes a name may have. */
  readonly maxName: number;
  /** Milliseconds from one scan to the next; 0: only when told to. */
  readonly rescan: number;
  /** Where a newline is written when commands are accepted. */
  readonly notification: number | undefined;
  /** The console, for the errors of the catch-all logger. */
  readonly console: number | undefined;
  /** Whether to adopt the orphans of all descendants. */
  readonly subreaper: boolean;
  /** The memory file with the snapshot to resume. */
  readonly resume: number | undefined;
}

/** Where the running scan reports and ends. */
export interface ScanHost {
  /** Its arguments, for the program that takes its place. */
  readonly args: readonly string[];
  /** Gets each message for the administrator. */
  readonly report: (message: string) => void;
  /** Ends the program. */
  readonly exit: (code: number) => void;
}

/** The soft limit on open files that services get, where it is not this process's own by now. */
function changedSoftLimit(): number | undefined {
  const atStart = softLimitAtStart();
  return atStart === undefined || BigInt(atStart) === openFiles().soft ? undefined : atStart;
}

/** A running scan: what comes in by signals and control FIFO, and how it ends. */
export class Scan {
  readonly #options: ScanOptions;
  readonly #args: readonly string[];
  readonly #report: (message: string) => void;
  readonly #self = selfCommand();
  readonly #spawner: ParallelSpawner;
  readonly #ownSpawner = new PosixSpawner();
  readonly #reaper = new ChildReaper(() => this.#spawner.pending > 0);
  readonly #serviceSet: ServiceSet;
  readonly #held: SuperviseDir;
  readonly #exit: (code: number) => void;
  readonly #ignoredSignals: readonly number[];
  #softNofile: number | undefined;
  #upgrading = false;

  /**
   * @param options What it is told.
   * @param host Where it reports and ends.
   */
  constructor(options: ScanOptions, host: ScanHost) {
    this.#options = options;
    this.#args = host.args;
    this.#report = host.report;
    this.#exit = host.exit;
    this.#softNofile = changedSoftLimit();
    // Made before anything else is opened, as ParallelSpawner needs it.
    reactor();
    if (options.subreaper) becomeSubreaper();
    const snapshot = options.resume === undefined ? undefined : takeOver(options.resume);
    // The program that this one replaces has been there before.
    if (snapshot === undefined) {
      changeDirectory(options.directory);
    }
    this.#held = snapshot ? heldControl(snapshot.control, snapshot.lock) : this.#takeDirectory();
    if (snapshot !== undefined) this.#softNofile = snapshot.softNofile;
    this.#spawner = new ParallelSpawner({
      atOnce: SPAWNS_AT_ONCE,
      handedOver: snapshot ? descriptors(snapshot) : [],
      onStarted: () => this.#serviceSet.startSome(),
    });
    this.#ignoredSignals = snapshot?.ignoredSignals ??
      ignoredSignals(LISTENED.map((name) => signalNumber(name)!));
    const current = () => this.#softNofile;
    this.#serviceSet = new ServiceSet({
      spawner: this.#spawner,
      deaths: this.#reaper,
      ignoredSignals: this.#ignoredSignals,
      get softNofile() {
        return current();
      },
      maxServices: options.maxServices,
      maxName: options.maxName,
      console: options.console,
      report: (message) => this.#report(message),
      starting: () => this.#spawner.pending,
      onServices: (count) => this.#makeRoom(count),
      onOnlyCatchAll: () => this.#silence(),
      onEnd: () => this.#finish(),
    });
    this.#listen();
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

  #listen(): void {
    receiveChildSignals();
    // The runtime would start its own thread for signals later, when there may be none to be had.
    Deno.addSignalListener("SIGURG", () => {});
    const signals = signalDescriptor(LISTENED.map((name) => signalNumber(name)!));
    reactor().watch(signals, Priority.Death, () => {
      for (const signal of readSignals(signals)) this.#attempt(() => this.#onSignal(signal));
    });
    reactor().watch(
      this.#held.control,
      Priority.Ordinary,
      () => this.#attempt(() => this.#readControl()),
    );
  }

  #begin(): void {
    removeDanglingLinks();
    const { notification } = this.#options;
    if (notification !== undefined) {
      writeAll(notification, Uint8Array.of(NEWLINE), `the newline to descriptor ${notification}`);
      close(notification);
    }
    this.#scan();
  }

  #resume(snapshot: ScanSnapshot): void {
    this.#serviceSet.resume(snapshot.serviceSet);
    // Children may have died while nobody was there to be told.
    this.#reaper.reap();
    this.#scheduleScan(this.#options.rescan);
  }

  /** Whatever goes wrong is said; the scan goes on. */
  #attempt(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#report(`warning: ${error instanceof Error ? error.message : error}`);
    }
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

  #nextScan: Disposable | undefined;

  #scheduleScan(milliseconds: number): void {
    this.#nextScan?.[Symbol.dispose]();
    this.#nextScan = milliseconds > 0
      ? reactor().after(milliseconds, () => this.#attempt(() => this.#scan()))
      : undefined;
  }

  /** Raises this process's limit on open files to what its services need; theirs stays. */
  #makeRoom(services: number): void {
    const needed = BigInt(services * DESCRIPTORS_PER_SERVICE + DESCRIPTORS_BESIDES);
    const { soft, hard } = openFiles();
    if (soft >= needed || soft >= hard) return;
    this.#softNofile ??= Number(soft);
    setSoftOpenFiles(hard);
  }

  #onSignal(signal: number): void {
    const name = signalName(signal);
    if (name === "CHLD") return this.#reaper.reap();
    if (name === "ALRM") return this.#scan();
    if (name === "ABRT") return this.#abort();
    const program = `${ScanPath.directory}/SIG${name}`;
    if (accessErrno(CWD, program, Access.EXECUTE) === 0) {
      try {
        this.#ownSpawner.spawn({
          argv: [program],
          newSession: false,
          softNofile: this.#softNofile,
          ignoredSignals: this.#ignoredSignals,
        });
        return;
      } catch (error) {
        this.#report(`warning: ${(error as Error).message}; doing what the signal does by default`);
      }
    }
    if (name === "HUP") this.#command(ScanCommand.scanAndPrune);
    else if (name === "INT" || name === "TERM") this.#command(ScanCommand.end);
    else if (name === "QUIT") this.#command(ScanCommand.endAtOnce);
  }

  #readControl(): void {
    const buffer = new Uint8Array(512);
    const count = tryRead(this.#held.control, buffer);
    for (const byte of buffer.subarray(0, Math.max(count, 0))) {
      this.#command(String.fromCharCode(byte));
    }
  }

  #command(command: string): void {
    switch (command) {
      case ScanCommand.reap:
        return this.#reaper.reap();
      case ScanCommand.scan:
        return this.#scan();
      case ScanCommand.abandon:
        return this.#abort();
      case ScanCommand.scanAndPrune:
        this.#scan();
        return this.#serviceSet.prune(true);
      case ScanCommand.interrupt:
      case ScanCommand.end:
        return this.#serviceSet.end(true);
      case ScanCommand.endAtOnce:
        return this.#serviceSet.end(false);
      case ScanCommand.prune:
        return this.#serviceSet.prune(true);
      case ScanCommand.pruneAtOnce:
        return this.#serviceSet.prune(false);
      case ScanCommand.upgrade:
        return this.#upgrade();
      default:
        this.#report(`warning: unknown command ${JSON.stringify(command)} in ${ScanPath.control}`);
    }
  }

  /** Puts the program on disk in this one's place, as soon as no program is being started. */
  #upgrade(): void {
    if (this.#upgrading) return;
    this.#upgrading = true;
    this.#try((reason) => {
      if (reason === undefined) return this.#becomeOther();
      this.#upgrading = false;
      this.#report(`warning: no upgrade: ${reason}; going on as before`);
    });
  }

  /** Has the program on disk do something harmless: there is no way back from one that can't run. */
  #try(callback: (reason: string | undefined) => void): void {
    const argv = [...this.#self, "scan", "--help"];
    try {
      const child = this.#ownSpawner.spawn({
        argv,
        stdout: "null",
        softNofile: this.#softNofile,
      });
      const late = reactor().after(TRIAL, () => sendSignal(child.pid, Signal.KILL));
      this.#reaper.watch(child, (status) => {
        late[Symbol.dispose]();
        const failed = status === 0 ? undefined : `${argv.join(" ")} failed`;
        this.#attempt(() => callback(failed));
      });
    } catch (error) {
      callback((error as Error).message);
    }
  }

  #becomeOther(): void {
    this.#whenNothingStarts(() => {
      const reason = this.#replace();
      // Services that are to be started next, say.
      if (reason === undefined) return void reactor().after(1, () => this.#becomeOther());
      this.#upgrading = false;
      this.#report(`warning: no upgrade: ${reason}; going on as before`);
    });
  }

  /** Returns only when that failed: the reason; undefined where a program is being started again. */
  #replace(): string | undefined {
    if (this.#serviceSet.ending) return "everything is being brought down";
    const serviceSet = this.#spawner.pending === 0 ? this.#serviceSet.snapshot() : undefined;
    if (serviceSet === undefined) return undefined;
    const { control, lock } = this.#held;
    const snapshot = {
      control,
      lock,
      serviceSet,
      softNofile: this.#softNofile,
      ignoredSignals: this.#ignoredSignals,
    };
    try {
      return handOver([...this.#self, "scan"], this.#args, snapshot).message;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Calls back as soon as no program is being started, of which only this one knows. */
  #whenNothingStarts(callback: () => void): void {
    if (this.#spawner.pending === 0) this.#attempt(callback);
    else reactor().after(1, () => this.#whenNothingStarts(callback));
  }

  /** The catch-all logger ends when nobody writes to it any more. */
  #silence(): void {
    const nowhere = open(CWD, "/dev/null", Open.WRITE);
    redirect(1, nowhere);
    redirect(2, this.#options.console ?? nowhere);
    close(nowhere);
  }

  #abort(): void {
    this.#serviceSet.startNoMore();
    this.#whenNothingStarts(() => {
      this.#serviceSet.abandon();
      this.#finish();
    });
  }

  /** The end: becomes `finish`, where there is one. */
  #finish(): void {
    const { console } = this.#options;
    if (console !== undefined) {
      replaceDescriptor(2, console);
      replaceDescriptor(1, console);
    }
    const error = exec([ScanPath.finish], { softNofile: this.#softNofile });
    if (error.errno === Errno.ENOENT) return this.#exit(0);
    this.#report(`warning: ${error.message}`);
    this.crash();
  }

  /** The last resort: becomes `crash`. */
  crash(): void {
    const error = exec([ScanPath.crash], { softNofile: this.#softNofile });
    this.#report(`fatal: ${error.message}`);
    this.#exit(error.errno === Errno.ENOENT ? 111 : execFailureCode(error));
  }
}
