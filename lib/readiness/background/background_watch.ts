import { ChildReaper } from "../../os/child_reaper.ts";
import { close, CWD, Descriptor, readFile, tryWrite } from "../../os/file.ts";
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

/**
 * Signals that are not passed on: KILL and STOP can't be caught; ILL, BUS, FPE, SEGV and PIPE this
 * program may bring about itself; 32 and 33 belong to the C library.
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

const NEWLINE = new Uint8Array([0x0a]);

/** How long a pidfile may take after the parent has exited, and how often to look, in milliseconds. */
const PIDFILE_GRACE = 1000;
const PIDFILE_INTERVAL = 10;

/** The exit code when the pidfile is of no use. */
const NO_PID = 104;

/** The daemon can't be watched; the exit code says more. */
export class BackgroundWatchError extends Error {
  override name = "BackgroundWatchError";

  /**
   * @param message What is wrong.
   * @param exitCode The exit code that it calls for.
   */
  constructor(message: string, readonly exitCode: number) {
    super(message);
  }
}

/** What to watch. */
export interface BackgroundWatchOptions {
  /** Where the daemon's process id is written. */
  readonly pidfile: string;
  /** The program that forks into the background, and its arguments. */
  readonly prog: readonly string[];
  /** Its soft limit on open files, where it is not this process's. */
  readonly softNofile: number | undefined;
  /** Milliseconds that its parent may take; 0: no limit. */
  readonly timeout: number;
  /** The notification descriptor, if readiness is to be told. */
  readonly notification: number | undefined;
  /** Where warnings go. */
  readonly report: (message: string) => void;
}

/** An exit code that stands for how a process ended, as in a shell. */
function approximate(status: WaitStatus): number {
  return exitCode(status) ?? 128 + (termSignal(status) ?? 0);
}

/** The process id in a pidfile; a string that says what is wrong where there is none. */
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
  /** Who gets the signals; undefined while it is not known yet who the daemon is. */
  #target: number | undefined;
  #undelivered: number[] = [];
  /** Whether the daemon is known. Until then every death may have been the daemon's. */
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
    this.#announce();
    return approximate(await ended);
  }

  #listen(): void {
    receiveChildSignals();
    const all = Array.from({ length: 64 }, (_, index) => index + 1);
    const descriptor = signalDescriptor(all.filter((signal) => !KEPT.includes(signal)));
    reactor().watch(descriptor, Priority.Ordinary, () => {
      for (const signal of readSignals(descriptor)) {
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

  /** Starts the program, and waits until its parent has gone: by then the daemon is ready. */
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

  /** Learns who the daemon is. Returns how it will have ended, once it has. */
  async #findDaemon(): Promise<{ ended: Promise<WaitStatus> }> {
    const { pidfile, prog } = this.#options;
    // Many a daemon writes its pidfile when its parent has gone already.
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

  /** Whether a process is a child of this one by now, or descends from it otherwise. */
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

  #announce(): void {
    const { notification, report } = this.#options;
    if (notification === undefined) return;
    const count = tryWrite(notification, NEWLINE);
    if (count < 0) report(`warning: cannot tell the supervisor: ${errnoMessage(-count)}`);
    close(notification);
  }
}

/**
 * Runs a program that forks into the background, and stands in for the daemon that it leaves there:
 * passes signals on to it, and ends when it ends. To be called in a program that was started with all
 * signals blocked: that is the only way to get each of them, and before the runtime does.
 *
 * @returns The daemon's exit code, or 128 + the signal that ended it.
 */
export function backgroundWatch(options: BackgroundWatchOptions): Promise<number> {
  return new Watch(options).run();
}
