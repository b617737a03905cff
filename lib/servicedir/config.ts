import { MAX_UNSIGNED } from "../os/limits.ts";
import { Descriptor, Open, tryOpen, tryRead } from "../os/file.ts";
import { exists } from "../os/path.ts";
import { cString, decodeOs } from "../os/os_string.ts";
import { MAX_SIGNAL, Signal, signalNumber } from "../os/signal.ts";
import { Errno, errnoMessage, reasonOf, SystemError } from "../os/system_error.ts";
import { MAX_DEATHS, ServicePath } from "./protocol.ts";

/** Reports a file that is not valid to the administrator. */
export type Warn = (message: string) => void;

/** What this process, or the whole machine, may be short of for a while: nothing is wrong with the file then. */
const SHORTAGES: readonly number[] = [Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM];

const DEFAULT_FINISH_TIMEOUT = 5000;
const DEFAULT_DEATHS = 100;

/**
 * The files of a service directory that configure its supervision. Each is read anew at each use, so
 * that an edit takes effect at the next start, stop or death. A file that is not valid is reported,
 * and counts as absent.
 */
export class ServiceConfig {
  readonly #directory: number;
  readonly #warn: Warn;
  static readonly #paths = new Map<string, Uint8Array<ArrayBuffer>>();

  /**
   * @param directory The service directory, open.
   * @param warn Where warnings go.
   */
  constructor(directory: number, warn: Warn) {
    this.#directory = directory;
    this.#warn = warn;
  }

  /**
   * Returns the first line of a file; undefined where there is no such file.
   *
   * @param isNeeded Whether it must not count as absent where only this process is short of something.
   */
  #line(file: string, isNeeded = false): string | undefined {
    let path = ServiceConfig.#paths.get(file);
    if (path === undefined) ServiceConfig.#paths.set(file, path = cString(file));
    const fd = tryOpen(this.#directory, path, Open.READ | Open.NONBLOCK);
    if (fd === -Errno.ENOENT) return undefined;
    const buffer = new Uint8Array(64);
    let count = fd;
    if (fd >= 0) {
      using opened = new Descriptor(fd);
      count = tryRead(opened.fd, buffer);
    }
    if (count < 0) {
      if (isNeeded && SHORTAGES.includes(-count)) throw new SystemError(`read ${file}`, -count);
      this.#warn(`cannot read ${file}: ${errnoMessage(-count)}; going on as if it were absent`);
      return undefined;
    }
    return decodeOs(buffer.subarray(0, count)).split("\n", 1)[0]!;
  }

  #unsigned(
    file: string,
    lowest: number,
    highest: number,
    isNeeded = false,
  ): number | undefined {
    const line = this.#line(file, isNeeded);
    if (line === undefined) return undefined;
    const value = /^\d+$/.test(line) ? Number(line) : NaN;
    if (value >= lowest && value <= highest) return value;
    this.#warn(
      `invalid ${file}: ${JSON.stringify(line)} is not an integer from ${lowest} to ${highest}; ` +
        "going on as if it were absent",
    );
    return undefined;
  }

  #signal(file: string, otherwise: number): number {
    const line = this.#line(file);
    if (line === undefined) return otherwise;
    const signal = signalNumber(line);
    if (signal !== undefined && signal > 0 && signal <= MAX_SIGNAL) return signal;
    this.#warn(
      `invalid ${file}: ${JSON.stringify(line)} is no signal; going on as if it were absent`,
    );
    return otherwise;
  }

  #present(file: string): boolean {
    try {
      return exists(this.#directory, file);
    } catch (error) {
      this.#warn(reasonOf(error));
      return false;
    }
  }

  /**
   * Returns the descriptor on which the daemon writes a newline when it is ready.
   *
   * @param openFiles The limit on open files that the daemon has.
   * @param isNeeded Whether it is about to be started: without the descriptor it would never be ready.
   * @throws {SystemError} where it is needed, and can't be read now.
   */
  notificationFd(openFiles: number, isNeeded = false): number | undefined {
    return this.#unsigned(ServicePath.notificationFd, 1, openFiles - 1, isNeeded);
  }

  /** Returns the descriptor that holds the service's lock; the parameters are as for the other one. */
  lockFd(openFiles: number, isNeeded = false): number | undefined {
    return this.#unsigned(ServicePath.lockFd, 1, openFiles - 1, isNeeded);
  }

  /** Whether the service stays down when the supervisor starts. */
  get down(): boolean {
    return this.#present(ServicePath.down);
  }

  /** Whether `run` becomes process 1 of a new PID namespace. */
  get newPidNamespace(): boolean {
    return this.#present(ServicePath.newPidNamespace);
  }

  /** Whether the whole process group is killed after `timeout-kill`. */
  get killGroup(): boolean {
    return this.#present(ServicePath.killGroup);
  }

  /** The signal that tells the service to go down. */
  get downSignal(): number {
    return this.#signal(ServicePath.downSignal, Signal.TERM);
  }

  /** The signal that tells the service to read its configuration again. */
  get reloadSignal(): number {
    return this.#signal(ServicePath.reloadSignal, Signal.HUP);
  }

  /** Milliseconds from the down signal to the kill, 0 for never. */
  get killTimeout(): number {
    return this.#unsigned(ServicePath.killTimeout, 0, MAX_UNSIGNED) ?? 0;
  }

  /** Milliseconds that `finish` may run, 0 for no limit. */
  get finishTimeout(): number {
    return this.#unsigned(ServicePath.finishTimeout, 0, MAX_UNSIGNED) ?? DEFAULT_FINISH_TIMEOUT;
  }

  /** How many deaths the tally holds. */
  get maxDeaths(): number {
    const deaths = this.#unsigned(ServicePath.maxDeaths, 0, MAX_UNSIGNED) ?? DEFAULT_DEATHS;
    return Math.min(deaths, MAX_DEATHS);
  }
}
