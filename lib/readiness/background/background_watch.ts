import { ChildReaper } from "../../os/spawn/child_reaper.ts";
import { close, CWD, Descriptor, readFile } from "../../os/file.ts";
import { unlink } from "../../os/path.ts";
import { decodeOs } from "../../os/os_string.ts";
import { becomeSubreaper, openProcess, processId, reap } from "../../os/process.ts";
import { descendsFrom, procIsOurs } from "../../os/process_family.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { sendSignal } from "../../os/send_signal.ts";
import { Signal, signalName } from "../../os/signal.ts";
import { receiveChildSignals } from "../../os/signal_state.ts";
import { readSignals, signalDescriptor } from "../../os/signal_descriptor.ts";
import { spawnChild } from "../../os/spawn/spawn_child.ts";
import { Errno, errnoMessage, isErrno } from "../../os/system_error.ts";
import { exitCode, termSignal, type WaitStatus } from "../../os/wait_status.ts";
import { tryWriteNewline } from "../newline/notification_fd.ts";

/**
 * Signals that are not passed on: KILL and STOP can't be caught; ILL, BUS, FPE, SEGV and PIPE may come
 * from errors of this program itself; 32 and 33 belong to the C library.
 */
const KEPT: readonly number[] = [
  Signal.KILL,
  Signal.STOP,
  Signal.ILL,
  Signal.BUS,
  Signal.FPE,
  Signal.SEGV,
  Signal.PIPE,
  32,
  33,
];

/** How long the pidfile may come after the parent's exit, and how often to look, in milliseconds. */
const PIDFILE_GRACE = 1000;
const PIDFILE_INTERVAL = 10;

/** The exit code where the pidfile names no process of the daemon's. */
const NO_PID = 104;

/** The daemon can't be watched. */
export class BackgroundWatchError extends Error {
  override name = "BackgroundWatchError";

  /**
   * Makes the error.
   *
   * @param message What is wrong.
   * @param exitCode The exit code for this program.
   */
  constructor(message: string, readonly exitCode: number) {
    super(message);
  }
}

/** What {@linkcode backgroundWatch} runs and watches. */
export interface BackgroundWatchOptions {
  /** The file to which the daemon writes its process id. */
  readonly pidfile: string;
  /** The program that forks into the background, and its arguments. */
  readonly prog: readonly string[];
  /** The program's soft limit on open files; undefined: this process's. */
  readonly softNofile: number | undefined;
  /** Milliseconds until the program must have exited; 0: no limit. */
  readonly timeout: number;
  /** The notification descriptor; undefined: the supervisor is not told of readiness. */
  readonly notification: number | undefined;
  /** Prints a warning. */
  readonly report: (message: string) => void;
}

/** Returns an exit code for how a process ended, as a shell does. */
function approximate(status: WaitStatus): number {
  return exitCode(status) ?? 128 + (termSignal(status) ?? 0);
}

/** Returns the process id in a pidfile; a string that says what is wrong where it holds none. */
function readPid(pidfile: string): number | string {
  let line: string;
  try {
    line = decodeOs(readFile(CWD, pidfile, 128)).split("\n", 1)[0]!.trim();
  } catch (error) {
    if (!isErrno(error, Errno.ENOENT)) throw error;
    return "does not exist";
  }
  return /^[1-9]\d{0,9}$/.test(line)
    ? Number(line)
    : `holds no process id, but ${JSON.stringify(line)}`;
}

/** One run of a daemon in the background. */
class Watch {
  readonly #options: BackgroundWatchOptions;
  readonly #reaper: ChildReaper;
  /** The process that signals are passed on to; undefined while the daemon is not known yet. */
  #target: number | undefined;
  #undelivered: number[] = [];
  /** Whether the daemon is known. Until then every process that dies may have been the daemon. */
  #known = false;

  constructor(options: BackgroundWatchOptions) {
    this.#options = options;
    this.#reaper = new ChildReaper(() => !this.#known);
  }

  async run(): Promise<number> {
    this.#listen();
    becomeSubreaper();
    await this.#runParent();
    const { ended } = await this.#findDaemon();
    this.#tellSupervisor();
    return approximate(await ended);
  }

  #listen(): void {
    receiveChildSignals();
    const all = Array.from({ length: 64 }, (_, index) => index + 1);
    const descriptor = signalDescriptor(all.filter((signal) => !KEPT.includes(signal)));
    reactor().watch(descriptor, Priority.Ordinary, () => {
      for (const { number: signal } of readSignals(descriptor)) {
        if (signal === Signal.CHLD) this.#reaper.reap();
        else this.#forward(signal);
      }
    });
  }

  #forward(signal: number): void {
    if (this.#target === undefined) this.#undelivered.push(signal);
    else sendSignal(this.#target, signal);
  }

  #aim(target: number | undefined): void {
    this.#target = target;
    if (target !== undefined) {
      this.#undelivered.splice(0).forEach((signal) => this.#forward(signal));
    }
  }

  #ended(pid: number, foreign: boolean): Promise<WaitStatus> {
    return new Promise((resolve) => this.#reaper.watch({ pid, foreign }, resolve));
  }

  /** Starts the program, and waits until it has exited: by then the daemon is ready. */
  async #runParent(): Promise<void> {
    const { prog, softNofile, timeout, pidfile, report } = this.#options;
    const pid = spawnChild(prog, softNofile);
    this.#aim(pid);
    const limit = timeout === 0 ? undefined : reactor().after(timeout, () => {
      report(
        `warning: ${
          prog[0]
        } has not gone into the background in ${timeout} milliseconds: killing it`,
      );
      sendSignal(pid, Signal.KILL);
    });
    const status = await this.#ended(pid, false);
    limit?.[Symbol.dispose]();
    this.#aim(undefined);
    if (status === 0) return;
    unlink(CWD, pidfile);
    const signal = termSignal(status);
    const how = signal === undefined
      ? `it exited ${exitCode(status)}`
      : `signal ${signalName(signal)} ended it`;
    throw new BackgroundWatchError(
      `Cannot watch ${prog[0]}: it did not go into the background; ${how}`,
      approximate(status),
    );
  }

  /** Finds the daemon. The promise that it returns gives how the daemon ended, once it has. */
  async #findDaemon(): Promise<{ ended: Promise<WaitStatus> }> {
    const { pidfile, prog } = this.#options;
    // Many daemons write their pidfile after their parent has exited.
    for (let waited = 0;; waited += PIDFILE_INTERVAL) {
      const pid = readPid(pidfile);
      const kind = typeof pid === "string" ? undefined : this.#relation(pid);
      if (kind !== undefined) return { ended: this.#follow(pid as number, kind === "descendant") };
      if (waited < PIDFILE_GRACE) {
        await new Promise<void>((resolve) => reactor().after(PIDFILE_INTERVAL, resolve));
        continue;
      }
      const wrong = typeof pid === "string"
        ? pid
        : `names process ${pid}, which was not started by it; is the file left of a former run?`;
      throw new BackgroundWatchError(
        `Cannot watch ${
          prog[0]
        }: it has gone into the background, but the pidfile ${pidfile} ${wrong}`,
        NO_PID,
      );
    }
  }

  /** Returns whether a process is a child of this one by now, or another descendant. */
  #relation(pid: number): "child" | "descendant" | undefined {
    if (this.#reaper.diedEarly(pid)) return "child";
    try {
      using process = new Descriptor(openProcess(pid));
      if (reap(process.fd, true) !== "elsewhere") return "child";
    } catch (error) {
      if (!isErrno(error, Errno.ESRCH, Errno.EINVAL)) throw error;
      return undefined;
    }
    return procIsOurs() && descendsFrom(pid, processId()) ? "descendant" : undefined;
  }

  #follow(pid: number, foreign: boolean): Promise<WaitStatus> {
    const ended = this.#ended(pid, foreign);
    this.#known = true;
    this.#aim(pid);
    return ended;
  }

  #tellSupervisor(): void {
    const { notification, report } = this.#options;
    if (notification === undefined) return;
    const count = tryWriteNewline(notification);
    if (count < 0) report(`warning: cannot tell the supervisor: ${errnoMessage(-count)}`);
    close(notification);
  }
}

/**
 * Runs a program that forks into the background, and stands in for the daemon that it leaves there:
 * passes signals on to the daemon, and ends when the daemon ends.
 *
 * This program must have been started with all signals blocked: only then does it get all of them, and
 * before Deno does.
 *
 * @returns The daemon's exit code, or 128 + the signal that ended it.
 */
export function backgroundWatch(options: BackgroundWatchOptions): Promise<number> {
  return new Watch(options).run();
}
