import { monotonicClock } from "../os/clock.ts";
import { close, CWD, Open, open } from "../os/file.ts";
import { reactor } from "../os/reactor.ts";
import { sendSignal } from "../os/send_signal.ts";
import { signalNumber } from "../os/signal.ts";
import type { Deaths } from "../os/spawn/deaths.ts";
import { candidates, execFailureCode } from "../os/spawn/exec.ts";
import type { Spawned, Spawner } from "../os/spawn/spawner.ts";
import { Errno, isErrno, reasonOf, SystemError } from "../os/system_error.ts";
import type { Timer } from "../os/timer_queue.ts";
import { exitCode, termSignal, type WaitStatus } from "../os/wait_status.ts";
import { findRecorded, recordProcess, recordStart, removeRecord } from "./main_command_record.ts";
import type { WantedServices } from "./wanted_services.ts";

/** The exit codes of a scan that has not run its command. */
const NotRun = { failed: 1, timedOut: 99 } as const;

/** Milliseconds after which the services that are waited for are named, where there is no limit. */
const PATIENCE = 10_000;

/** What is added to the number of a signal for the exit code. */
const BY_SIGNAL = 128;

/** The command that a scan runs when its services are ready, from its command line. */
export interface MainCommandOptions {
  /** The program, found by PATH, and its arguments. */
  readonly argv: readonly string[];
  /** Milliseconds that the services have to become ready; 0: no limit. */
  readonly readyTimeout: number;
  /** Milliseconds that the command has to end when it is told to; 0: no limit. */
  readonly killTimeout: number;
}

/** The command in the snapshot of an upgrade. */
export interface MainCommandSnapshot {
  /** Its process; 0 where it has not been started yet. */
  readonly pid: number;
  /** Whether the process is no child of this one. */
  readonly foreign: boolean;
  /** The directory that it is started in. */
  readonly directory: number;
  /** When the services must be ready, or the command is killed: on the monotonic clock, in milliseconds. */
  readonly deadline?: number;
  /** How everything is brought down when it has ended: whether loggers read what is left. */
  readonly drain: boolean;
}

/** What a {@linkcode MainCommand} needs of the scan. */
export interface MainCommandHost {
  /** Starts it. */
  readonly spawner: Spawner;
  /** Learns of its death. */
  readonly deaths: Deaths;
  /** The signals that it ignores. */
  readonly ignoredSignals: readonly number[];
  /** Its soft limit on open files, where it is not this process's. */
  readonly softNofile: number | undefined;
  /** The services that are waited for. */
  readonly wanted: WantedServices;
  /** Reports a message to the administrator. */
  readonly report: (message: string) => void;
  /** Brings all services down; `drain`: loggers first read everything that was written to them. */
  readonly end: (drain: boolean) => void;
}

/**
 * The command of a scan, `sv scan DIR -- COMMAND`: started when all services that are wanted up are ready.
 * When it has ended, everything is brought down, and the scan ends with its exit code.
 *
 * It has what the scan's caller gave: environment, working directory, standard input, terminal. It stays
 * in the session and the process group of the scan, so it is in the foreground of the terminal where the
 * scan is; services have sessions of their own, and are not.
 */
export class MainCommand {
  readonly #options: MainCommandOptions;
  readonly #host: MainCommandHost;
  readonly #directory: number;
  #phase: "waiting" | "running" | "ended" = "waiting";
  #child: Spawned | undefined;
  #watches: Disposable[] = [];
  #timer: Timer | undefined;
  #patience: Timer | undefined;
  /** Whether nothing but the services keeps it from being started. */
  #isAwaiting = false;
  #drain = true;
  #code = 0;

  /**
   * @param options The command.
   * @param directory The directory that it is started in, open.
   * @param host The scan.
   * @param snapshot The command as another program in this process left it.
   */
  constructor(
    options: MainCommandOptions,
    directory: number,
    host: MainCommandHost,
    snapshot?: MainCommandSnapshot,
  ) {
    this.#options = options;
    this.#host = host;
    this.#directory = directory;
    if (snapshot === undefined) return;
    this.#drain = snapshot.drain;
    if (snapshot.pid !== 0) this.#watch({ pid: snapshot.pid, foreign: snapshot.foreign });
    if (snapshot.deadline !== undefined) this.#arm(snapshot.deadline);
  }

  /** Returns an open descriptor of this process's working directory, for the command. */
  static workingDirectory(): number {
    return open(CWD, ".", Open.PATH | Open.DIRECTORY);
  }

  /** Begins to wait for the services; takes the command over that a killed scan has left. */
  begin(): void {
    const { readyTimeout } = this.#options;
    if (readyTimeout > 0) this.#arm(monotonicClock() + readyTimeout);
    this.resume();
  }

  /** Goes on to wait, where it has not been started yet. */
  resume(): void {
    if (this.#phase !== "waiting") return;
    const left = findRecorded();
    const [pid] = left;
    if (pid === undefined) return this.#await();
    if (left.length === 1) {
      this.#host.report(`the command still runs as process ${pid}: taking it over`);
      recordProcess(pid);
      return this.#watch({ pid, foreign: true });
    }
    this.#host.report(
      "warning: a scan was killed while it started the command, and any of the processes " +
        `${left.join(", ")} may be the command: not starting it before they have ended`,
    );
    let running = left.length;
    this.#watches = left.map((pid) =>
      this.#host.deaths.watch({ pid, foreign: true }, () => {
        if (--running === 0) this.#await();
      })
    );
  }

  #await(): void {
    if (this.#options.readyTimeout === 0) {
      this.#patience = reactor().after(PATIENCE, () => void this.#nameAwaited("still waiting for"));
    }
    this.#watches = [];
    this.#isAwaiting = true;
    this.#host.wanted.lookSoon();
  }

  /** Takes note of news of the services: starts the command when they are ready. */
  servicesChanged(): void {
    if (this.#phase !== "waiting") return;
    const { failed } = this.#host.wanted;
    if (failed.length > 0) return void this.#giveUp(failed, NotRun.failed, "failed for good");
    if (this.#isAwaiting && this.#host.wanted.allReady) this.#start();
  }

  #start(): void {
    this.#disarm();
    recordStart();
    let started: Spawned;
    try {
      started = this.#spawn();
    } catch (error) {
      removeRecord();
      this.#host.report(`fatal: ${reasonOf(error)}`);
      return this.#finish(error instanceof SystemError ? execFailureCode(error) : NotRun.failed);
    }
    recordProcess(started.pid);
    this.#watch(started);
  }

  /** Starts it, looking for it as execvp(3) does, in its own working directory. */
  #spawn(): Spawned {
    const { argv } = this.#options;
    const { ignoredSignals, softNofile, spawner } = this.#host;
    let refusal = new SystemError(`run ${argv[0]}`, Errno.ENOENT);
    for (const file of candidates(argv[0]!, Deno.env.get("PATH"))) {
      try {
        const child = spawner.spawn({
          argv,
          file,
          directory: this.#directory,
          newSession: false,
          softNofile,
          ignoredSignals,
        });
        if (child instanceof Promise) throw new TypeError("the spawner must not wait");
        return child;
      } catch (error) {
        if (isErrno(error, Errno.ENOENT, Errno.ENOTDIR)) continue;
        refusal = new SystemError(`run ${argv[0]}`, (error as SystemError).errno);
        if (!isErrno(error, Errno.EACCES)) break;
      }
    }
    throw refusal;
  }

  #watch(child: Spawned): void {
    this.#disarm();
    this.#host.wanted.end();
    this.#phase = "running";
    this.#child = child;
    this.#watches = [this.#host.deaths.watch(child, (status) => this.#died(status))];
  }

  #died(status: WaitStatus): void {
    removeRecord();
    this.#finish(exitCode(status) ?? BY_SIGNAL + termSignal(status)!);
  }

  /** Brings everything down, to end with an exit code. */
  #finish(code: number): void {
    this.#disarm();
    this.#host.wanted.end();
    this.#watches.forEach((watch) => watch[Symbol.dispose]());
    this.#watches = [];
    if (this.#phase !== "ended") close(this.#directory);
    this.#phase = "ended";
    this.#child = undefined;
    this.#code = code;
    this.#host.end(this.#drain);
  }

  /**
   * Takes a signal, before the scan does.
   *
   * @param name Its name, without SIG.
   * @param fromKernel Whether the kernel has sent it: at Ctrl-C the command has it already.
   * @returns Whether the scan has nothing to do with it.
   */
  takes(name: string, fromKernel: boolean): boolean {
    if (name === "TERM" || name === "INT" || name === "QUIT") return this.tellEnd(name, fromKernel);
    if (name === "HUP" || this.#phase !== "running") return false;
    if (!fromKernel) this.#send(name);
    return true;
  }

  /**
   * Tells the command to end, by a signal; everything is brought down after that.
   *
   * @param name The signal, without SIG. QUIT: loggers are then brought down as other services are.
   * @param isSent Whether the command has it already.
   * @returns Whether the scan must not bring anything down yet.
   */
  tellEnd(name: string, isSent = false): boolean {
    if (this.#phase === "ended") return false;
    if (!isSent) this.#drain = name !== "QUIT";
    if (this.#phase === "waiting") {
      this.#drain = name !== "QUIT";
      this.#finish(BY_SIGNAL + signalNumber(name)!);
      return true;
    }
    if (isSent) return true;
    this.#send(name);
    const { killTimeout } = this.#options;
    if (killTimeout > 0 && this.#timer === undefined) this.#arm(monotonicClock() + killTimeout);
    return true;
  }

  #send(name: string): void {
    if (this.#child !== undefined) sendSignal(this.#child.pid, signalNumber(name)!);
  }

  #arm(deadline: number): void {
    const wait = Math.max(deadline - monotonicClock(), 0);
    this.#timer = reactor().after(wait, () => {
      this.#timer = undefined;
      if (this.#phase === "running") this.#send("KILL");
      else this.#late();
    });
  }

  #disarm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#patience?.[Symbol.dispose]();
    this.#patience = undefined;
  }

  #late(): void {
    const { pending } = this.#host.wanted;
    const { readyTimeout } = this.#options;
    void this.#giveUp(pending, NotRun.timedOut, `not ready after ${readyTimeout} milliseconds`);
  }

  /** Names the services that keep the command from being run, each with its reason, and ends. */
  async #giveUp(names: readonly string[], code: number, why: string): Promise<void> {
    this.#isAwaiting = false;
    this.#host.wanted.end();
    await this.#nameServices(names);
    if (this.#phase !== "waiting") return;
    this.#host.report(`fatal: not running the command: ${names.join(", ")}: ${why}`);
    this.#finish(code);
  }

  async #nameAwaited(what: string): Promise<void> {
    const { pending } = this.#host.wanted;
    if (pending.length === 0) return;
    this.#host.report(`${what} ${pending.join(", ")} before the command is run`);
    await this.#nameServices(pending);
  }

  async #nameServices(names: readonly string[]): Promise<void> {
    try {
      const { whyNotReady } = await import("./why_not_ready.ts");
      for (const line of whyNotReady(names)) this.#host.report(line);
    } catch (error) {
      this.#host.report(`warning: cannot tell why they are not ready: ${reasonOf(error)}`);
    }
  }

  /** Leaves the command alone: the scan ends, and the command goes on. */
  abandon(): void {
    this.#disarm();
    this.#host.wanted.end();
    this.#watches.forEach((watch) => watch[Symbol.dispose]());
    this.#phase = "ended";
  }

  /** The exit code of the scan. */
  get code(): number {
    return this.#code;
  }

  /** Returns the command at this instant. */
  get snapshot(): MainCommandSnapshot {
    return {
      pid: this.#child?.pid ?? 0,
      foreign: this.#child?.foreign ?? false,
      directory: this.#directory,
      ...this.#timer && { deadline: this.#timer.deadline },
      drain: this.#drain,
    };
  }
}
