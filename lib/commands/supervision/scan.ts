import { descriptorState, replaceDescriptor } from "../../os/descriptor.ts";
import {
  blockSignalsInAllThreads,
  restartWithSignalsBlocked,
} from "../../os/runtime/blocked_signals.ts";
import { ChildReaper } from "../../os/child_reaper.ts";
import { exec, execFailureCode } from "../../os/spawn/exec.ts";
import { Access, accessErrno, close, CWD, Open, open, tryRead, writeAll } from "../../os/file.ts";
import { LeanThreads } from "../../os/spawn/lean_threads.ts";
import { openFiles, setSoftOpenFiles, softLimitAtStart } from "../../os/limits.ts";
import { becomeSubreaper } from "../../os/process.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { redirect } from "../../os/runtime/redirect.ts";
import { selfCommand } from "../../os/runtime/self_command.ts";
import { sendSignal } from "../../os/send_signal.ts";
import { Signal, signalName, signalNumber } from "../../os/signal.ts";
import { ignoredSignals, receiveChildSignals } from "../../os/signal_state.ts";
import { readSignals, signalDescriptor } from "../../os/signal_descriptor.ts";
import { ParallelSpawner } from "../../os/spawn/parallel_spawner.ts";
import { PosixSpawner } from "../../os/spawn/posix_spawner.ts";
import { Errno } from "../../os/system_error.ts";
import { withoutUmask } from "../../os/umask.ts";
import { changeDirectory } from "../../os/working_directory.ts";
import { ServiceSet } from "../../scan/service_set.ts";
import { descriptors, handOver, type ScanSnapshot, takeOver } from "../../scan/upgrade.ts";
import {
  AlreadySupervisedError,
  heldControl,
  openControl,
  type SuperviseDir,
  WrongFileError,
} from "../../servicedir/supervise_dir.ts";
import { removeDanglingLinks } from "../../scan/scan_directory.ts";
import { type Command, Failure, UsageError } from "../../cli/command.ts";
import { parseOptions, unsigned } from "../../options/parse_options.ts";
import { complain } from "../../cli/output.ts";

const CONTROL_DIRECTORY = ".s6-svscan";
const CONTROL = `${CONTROL_DIRECTORY}/control`;

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

interface Options {
  readonly directory: string;
  readonly maxServices: number;
  readonly maxName: number;
  readonly rescan: number;
  readonly notification: number | undefined;
  readonly console: number | undefined;
  readonly subreaper: boolean;
  readonly resume: number | undefined;
}

function between(low: number, value: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function inheritedDescriptor(value: string, what: string): number {
  const fd = unsigned(value, what);
  if (fd < 3) throw new UsageError(`${what} must be 3 or more, not ${fd}`);
  if (descriptorState(fd) !== "inherited") {
    throw new Failure(`cannot use descriptor ${fd} (${what}): it is not open`, 100);
  }
  return fd;
}

function parse(args: readonly string[]): Options {
  const { options, rest } = parseOptions(args, "C:c:L:t:d:X:S", {
    "services-max": "C",
    "name-max": "L",
    "timeout": "t",
    "notification-fd": "d",
    "console-holder": "X",
    "subreaper": "S",
    "resume": "resume:",
  });
  const values = new Map(options.map(({ name, value }) => [name, value]));
  const number = (name: string, what: string) => {
    const value = values.get(name);
    return value === undefined ? undefined : unsigned(value, what);
  };
  const descriptor = (name: string, what: string) => {
    const value = values.get(name);
    return value === undefined ? undefined : inheritedDescriptor(value, what);
  };
  const resume = number("resume", "the state to resume");
  if (rest[0] === undefined) throw new UsageError("no scan directory given");
  return {
    directory: rest[0],
    maxServices: between(
      4,
      number("C", "services_max") ?? number("c", "services_max") ?? 1000,
      160_000,
    ),
    maxName: between(11, number("L", "name_max") ?? 251, 1019),
    rescan: number("t", "rescan") ?? 0,
    notification: resume === undefined ? descriptor("d", "notif") : undefined,
    console: descriptor("X", "consoleholder"),
    subreaper: values.has("S"),
    resume,
  };
}

/** The soft limit on open files that services get, where it is not this process's own by now. */
function changedSoftLimit(): number | undefined {
  const atStart = softLimitAtStart();
  return atStart === undefined || BigInt(atStart) === openFiles().soft ? undefined : atStart;
}

/** A running scan: what comes in by signals and control FIFO, and how it ends. */
class Scan {
  readonly #options: Options;
  readonly #args: readonly string[];
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

  constructor(options: Options, args: readonly string[], exit: (code: number) => void) {
    this.#options = options;
    this.#args = args;
    this.#exit = exit;
    this.#softNofile = changedSoftLimit();
    // First of all: what it opens are the lowest descriptors that are not the runtime's.
    const end = reactor().descriptor + 1;
    if (options.subreaper) becomeSubreaper();
    const snapshot = options.resume === undefined ? undefined : takeOver(options.resume);
    // The program that this one replaces has been there before.
    if (snapshot === undefined) {
      changeDirectory(options.directory);
    }
    this.#held = snapshot ? heldControl(snapshot.control, snapshot.lock) : this.#takeDirectory();
    if (snapshot !== undefined) this.#softNofile = snapshot.softNofile;
    const lean = new LeanThreads(end);
    if (snapshot && descriptors(snapshot).some((fd) => fd < end)) lean.giveUp();
    this.#spawner = new ParallelSpawner(SPAWNS_AT_ONCE, lean, () => this.#serviceSet.startSome());
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

  #report(message: string): void {
    complain(`sv scan ${this.#options.directory}: ${message}`);
  }

  #takeDirectory(): SuperviseDir {
    const here = open(CWD, ".", Open.READ | Open.DIRECTORY);
    try {
      return withoutUmask(() =>
        openControl(here, CONTROL_DIRECTORY, this.#options.directory, 0o600)
      );
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
      writeAll(notification, new Uint8Array([10]), `the newline to descriptor ${notification}`);
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
    const program = `${CONTROL_DIRECTORY}/SIG${name}`;
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
    if (name === "HUP") this.#command("h");
    else if (name === "INT" || name === "TERM") this.#command("t");
    else if (name === "QUIT") this.#command("q");
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
      case "z":
        return this.#reaper.reap();
      case "a":
        return this.#scan();
      case "b":
        return this.#abort();
      case "h":
        this.#scan();
        return this.#serviceSet.prune(true);
      case "i":
      case "t":
        return this.#serviceSet.end(true);
      case "q":
        return this.#serviceSet.end(false);
      case "n":
        return this.#serviceSet.prune(true);
      case "N":
        return this.#serviceSet.prune(false);
      case "V":
        return this.#upgrade();
      default:
        this.#report(`warning: unknown command ${JSON.stringify(command)} in ${CONTROL}`);
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
    const error = exec([`${CONTROL_DIRECTORY}/finish`], { softNofile: this.#softNofile });
    if (error.errno === Errno.ENOENT) return this.#exit(0);
    this.#report(`warning: ${error.message}`);
    this.crash();
  }

  /** The last resort: becomes `crash`. */
  crash(): void {
    const error = exec([`${CONTROL_DIRECTORY}/crash`], { softNofile: this.#softNofile });
    this.#report(`fatal: ${error.message}`);
    this.#exit(error.errno === Errno.ENOENT ? 111 : execFailureCode(error));
  }
}

/** `sv scan`: supervises all services of a scan directory, in one process. */
export const scanCommand: Command = {
  usage:
    "[ -d notif ] [ -X consoleholder ] [ -C services_max ] [ -L name_max ] [ -t rescan ] [ -S ] scandir",
  help: `Supervises every service directory, or symbolic link to one, in a scan directory, each as
sv supervise does, all of them in this one process. Names that start with a dot are skipped. foo/log,
where it exists, is the logger of foo: what foo writes to its stdout is what foo/log reads.

  -d, --notification-fd fd   write a newline to fd when commands are accepted
  -C, --services-max n       how many services at most, loggers included; default 1000
  -L, --name-max n           how many bytes a name may have; default 251
  -t, --timeout ms           scan again every so many ms; default 0: only when told to
  -X, --console-holder fd    the console, for the errors of the logger s6-svscan-log
  -S, --subreaper            adopt and reap the orphans of all descendants

Commands come through sv scanctl. Signals: ALRM scans; HUP scans, and ends what has gone; TERM and
INT bring all down, and loggers read what is left; QUIT brings loggers down, too; ABRT leaves all
services alone and ends at once. HUP, INT, TERM, QUIT, USR1, USR2, PWR and WINCH start the executable
.s6-svscan/SIGHUP and so on instead, where there is one. In the end sv scan becomes .s6-svscan/finish.

A service that survived its supervisor (because sv scan was killed) is taken over: it is not started
a second time, keeps its process and readiness, and is restarted when it dies.

Exit codes: 0 success; 100 wrong usage, or another scan is running; 111 system call failed.`,
  run(args) {
    const options = parse(args);
    if (!blockSignalsInAllThreads()) throw restartWithSignalsBlocked();
    const { promise, resolve } = Promise.withResolvers<number>();
    try {
      const running = new Scan(options, withoutResume(args), resolve);
      addEventListener("unhandledrejection", (event) => {
        event.preventDefault();
        complain(`sv scan ${options.directory}: fatal: ${event.reason}`);
        running.crash();
      });
    } catch (error) {
      if (error instanceof AlreadySupervisedError || error instanceof WrongFileError) {
        throw new Failure(error.message, 100);
      }
      throw error;
    }
    return promise;
  },
};

/** The arguments for the program that takes over: what was said to this one about taking over is old. */
function withoutResume(args: readonly string[]): string[] {
  const at = args.indexOf("--resume");
  return at < 0 ? [...args] : args.filter((_, index) => index !== at && index !== at + 1);
}
