import { wallClock } from "../../os/clock.ts";
import { close, CWD, Open, open, sync, tryWrite } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { mkdir, rename, unlink } from "../../os/path.ts";
import { reactor } from "../../os/reactor.ts";
import { setMode } from "../../os/rights.ts";
import { type Deaths, PidfdDeaths } from "../../os/spawn/deaths.ts";
import { PosixSpawner } from "../../os/spawn/posix_spawner.ts";
import type { Spawner } from "../../os/spawn/spawner.ts";
import { Errno, reasonOf, SystemError } from "../../os/system_error.ts";
import type { Timer } from "../../os/timer_queue.ts";
import { newFileMode } from "../../os/umask.ts";
import type { Instant } from "../../tai/tai64n.ts";
import { DirectoryLock } from "./directory_lock.ts";
import { LogFile, WHOLE } from "./file_names.ts";
import { recover } from "./recover.ts";
import { runProcessor } from "./run_processor.ts";
import { DEFAULT_SETTINGS, type LogDirectorySettings } from "./settings.ts";
import { type ArchivePlace, storeArchive } from "./store_archive.ts";

const NEWLINE = 10;

/** Not through a link that another user has put there. */
const APPENDING = Open.WRITE | Open.APPEND | Open.CREATE | Open.NONBLOCK | Open.NOFOLLOW;

/** What a log directory needs of its program. */
export interface LogDirectoryHost {
  /** Warns of something that failed and is tried again; once for each reason. Default: warns nobody. */
  readonly report?: (message: string) => void;
  /** Is called when {@linkcode LogDirectory.write}, which could not write all, is worth another try. */
  readonly onWritable?: () => void;
  /** Returns the time, for the names of archives. */
  readonly now?: () => Instant;
  /** Starts processors. */
  readonly spawner?: Spawner;
  /** Learns of their deaths. */
  readonly deaths?: Deaths;
}

/** Ends a rotation of which a step has failed, where the directory is being closed. */
class ClosedMeanwhile extends Error {}

/**
 * One log directory, in the format of s6-log: lines are appended to `current`, which is archived when it
 * has become large, or old. Either program can go on where the other has stopped or was killed.
 *
 * ```ts ignore
 * const directory = LogDirectory.open("/var/log/web", { ...DEFAULT_SETTINGS, archives: 20 }, {
 *   report: (message) => warn(message),
 *   onWritable: () => pump(),
 * });
 * const written = directory.write(pending); // whole lines
 * pending = pending.subarray(written); // not empty: read nothing more until onWritable is called
 * await directory.close();
 * ```
 *
 * A program may have thousands: there is no state beside the object's, and three descriptors for each. No
 * call waits for the disk, but for write(2) itself: fsync(2) and processors go on beside it. While a
 * processor runs, lines go into the new `current`. Nothing is kept in memory. What could not be written
 * stays with the caller, who reads no further then; {@linkcode obstacle} tells why.
 */
export class LogDirectory {
  readonly #settings: LogDirectorySettings;
  readonly #host: LogDirectoryHost;
  readonly #directory: number;
  readonly #lock: DirectoryLock;
  readonly #mode = newFileMode();
  readonly #place: ArchivePlace;
  #current: number;
  #size: number;
  /** The rest of a rotation, from the new `current` on. */
  #archiving: Promise<void> | undefined;
  /** A rotation that has begun, or is due, and keeps lines from being written. */
  #switching: "due" | "renamed" | undefined;
  /** Until when nothing is tried again. */
  #cooling: Timer | undefined;
  /** Ends the pause before a step of a rotation is tried again. */
  #endPause: (() => void) | undefined;
  #periodic: Timer | undefined;
  /** Why the last write, or the last new `current`, has failed. */
  #obstacle: Error | undefined;
  /** Why the last step of archiving has failed. */
  #failure: Error | undefined;
  #reported = "";
  #refused = false;
  #closing = false;
  #closed: Promise<boolean> | undefined;

  /**
   * Makes the directory where it is missing, locks it, and brings it into order.
   *
   * @param path The directory.
   * @param settings How it is kept.
   * @param host What it needs of its program.
   * @throws {SystemError} where that fails; with EBUSY where another logger writes there.
   */
  static open(
    path: string,
    settings: LogDirectorySettings = DEFAULT_SETTINGS,
    host: LogDirectoryHost = {},
  ): LogDirectory {
    mkdir(CWD, path, 0o2700);
    const directory = open(CWD, path, Open.PATH | Open.DIRECTORY);
    let lock: DirectoryLock | undefined;
    try {
      lock = DirectoryLock.take(directory, path, { make: true })!;
      return new LogDirectory(path, settings, host, directory, lock);
    } catch (error) {
      lock?.[Symbol.dispose]();
      close(directory);
      throw error;
    }
  }

  private constructor(
    /** Its path, for messages. */
    readonly path: string,
    settings: LogDirectorySettings,
    host: LogDirectoryHost,
    directory: number,
    lock: DirectoryLock,
  ) {
    this.#settings = settings;
    this.#host = host;
    this.#directory = directory;
    this.#lock = lock;
    const { now = wallClock } = host;
    this.#place = { directory, settings, now, report: (message) => this.#report(message) };
    this.#size = recover(this.#place);
    this.#current = open(directory, LogFile.current, APPENDING);
    try {
      setMode(this.#current, this.#mode, `${path}/${LogFile.current}`);
    } catch (error) {
      close(this.#current);
      throw error;
    }
    this.#renewPeriod();
  }

  /** The number of bytes in `current`. */
  get size(): number {
    return this.#size;
  }

  /** The open file `current`, until the next rotation. */
  get descriptor(): number {
    return this.#current;
  }

  /** Why lines can't be written at present: a full disk, say; undefined where they can. */
  get obstacle(): Error | undefined {
    return this.#obstacle ?? (this.#switching && this.#failure);
  }

  /** Whether a full file is still being archived. */
  get archiving(): boolean {
    return this.#archiving !== undefined;
  }

  /**
   * Whether lines wait for fsync(2) of the file before. s6-log makes no archives of both `previous` and
   * a `current` with lines in one start, so a logger that is killed here must not leave them.
   */
  get pausing(): boolean {
    return this.#archiving !== undefined && this.#settings.processor === undefined;
  }

  /**
   * Writes lines. Where `current` becomes large meanwhile, it is rotated after the line that made it so.
   *
   * @param bytes Whole lines, or the rest of what could not be written before.
   * @param from Where they begin.
   * @param to Where they end.
   * @returns How many bytes were written. Where these are not all, `onWritable` is called later.
   */
  write(bytes: Uint8Array<ArrayBuffer>, from = 0, to: number = bytes.length): number {
    let at = from;
    while (at < to) {
      if (this.#closing || this.#cooling || this.#switching || this.pausing) {
        this.#refused = true;
        break;
      }
      const count = tryWrite(this.#current, bytes.subarray(at, this.#endOfFile(bytes, at, to)));
      if (count <= 0) {
        this.#refused = true;
        const errno = -count || Errno.ENOSPC;
        this.#coolDown(new SystemError(`write to ${this.path}/${LogFile.current}`, errno));
        break;
      }
      at += count;
      this.#size += count;
      this.#overcome();
      const { fileSize, tolerance } = this.#settings;
      if (this.#size + tolerance >= fileSize && bytes[at - 1] === NEWLINE) this.#rotate();
    }
    return at - from;
  }

  /** Rotates `current` now, whatever its size. A rotation that waits for another try does not wait on. */
  rotate(): void {
    if (this.#closing) return;
    const pause = this.#endPause;
    if (pause) pause();
    else if (this.#archiving === undefined) this.#rotate();
  }

  /**
   * Closes the directory, after the end of a rotation. Where all went well, the next logger goes on with
   * `current`; else that becomes an archive at the next {@linkcode open}, and nothing is lost, either.
   *
   * @returns Whether all went well.
   */
  close(): Promise<boolean> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<boolean> {
    this.#closing = true;
    this.#periodic?.[Symbol.dispose]();
    this.#cooling?.[Symbol.dispose]();
    this.#endPause?.();
    await this.#archiving;
    let well = this.#switching !== "renamed" && !this.#failure && !this.#obstacle;
    try {
      if (well) {
        const name = `${this.path}/${LogFile.current}`;
        await sync(this.#current, name);
        setMode(this.#current, this.#mode | WHOLE, name);
      }
    } catch (error) {
      this.#report(reasonOf(error));
      well = false;
    }
    close(this.#current);
    this.#lock[Symbol.dispose]();
    close(this.#directory);
    return well;
  }

  /** Returns where the lines end that go into this file: after the line that makes it large. */
  #endOfFile(bytes: Uint8Array, at: number, to: number): number {
    const { fileSize, tolerance } = this.#settings;
    const room = fileSize - tolerance - this.#size;
    if (to - at <= room) return to;
    const newline = bytes.indexOf(NEWLINE, at + Math.max(room, 1) - 1);
    return newline < 0 || newline >= to ? to : newline + 1;
  }

  #renewPeriod(): void {
    if (this.#settings.period === 0) return;
    this.#periodic = reactor().after(this.#settings.period * 1000, () => {
      this.#renewPeriod();
      this.rotate();
    });
  }

  /** Begins a rotation; one that is under way is finished first. */
  #rotate(): void {
    this.#switching ??= "due";
    if (this.#archiving === undefined) this.#switch();
  }

  /** Puts a new file in the place of `current`. */
  #switch(): void {
    const current = `${this.path}/${LogFile.current}`;
    try {
      if (this.#switching === "due") {
        rename(this.#directory, LogFile.current, LogFile.previous);
        this.#switching = "renamed";
      }
      const next = open(this.#directory, LogFile.current, APPENDING);
      const previous = this.#current;
      this.#current = next;
      this.#size = fstat(next).size;
      this.#switching = undefined;
      this.#overcome();
      this.#archiving = this.#archive(previous).catch((error) => {
        if (!(error instanceof ClosedMeanwhile)) throw error;
      }).finally(() => this.#archived());
    } catch (error) {
      this.#coolDown(new Error(`Cannot rotate ${current}: ${reasonOf(error)}`));
    }
  }

  #archived(): void {
    this.#archiving = undefined;
    if (this.#closing) return;
    if (this.#switching !== undefined) this.#switch();
    this.#tellWritable();
  }

  /** Makes an archive of the former `current`, step by step, each as often as it takes. */
  async #archive(previous: number): Promise<void> {
    const directory = this.#directory;
    try {
      await this.#step(async () => {
        await sync(previous, `${this.path}/${LogFile.previous}`);
        setMode(previous, this.#mode | WHOLE, `${this.path}/${LogFile.previous}`);
      });
    } finally {
      close(previous);
    }
    const { processor } = this.#settings;
    if (processor === undefined) {
      await this.#step(() => storeArchive(this.#place, LogFile.previous, "s"));
    } else {
      const { spawner = new PosixSpawner(), deaths = new PidfdDeaths() } = this.#host;
      await this.#step(() => runProcessor(processor, directory, { spawner, deaths }));
      await this.#step(() => this.#makeWhole(LogFile.processed, true));
      await this.#step(() => this.#makeWhole(LogFile.newState, false));
      await this.#step(() => void unlink(directory, LogFile.previous));
      await this.#step(() => rename(directory, LogFile.newState, LogFile.state));
      await this.#step(() => storeArchive(this.#place, LogFile.processed, "s"));
    }
  }

  async #makeWhole(name: string, mark: boolean): Promise<void> {
    const fd = open(this.#directory, name, Open.WRITE | Open.NOFOLLOW);
    try {
      await sync(fd, `${this.path}/${name}`);
      if (mark) setMode(fd, this.#mode | WHOLE, `${this.path}/${name}`);
    } finally {
      close(fd);
    }
  }

  async #step(step: () => void | Promise<void>): Promise<void> {
    for (;;) {
      try {
        await step();
        if (this.#failure !== undefined) this.#reported = "";
        this.#failure = undefined;
        return;
      } catch (error) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#report(`${reasonOf(error)}, in ${this.path}`);
        if (this.#closing) throw new ClosedMeanwhile("a rotation was not finished");
        await this.#pause();
        if (this.#closing) throw new ClosedMeanwhile("a rotation was not finished");
      }
    }
  }

  async #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = reactor().after(Math.max(this.#settings.cooldown, 1), resolve);
    this.#endPause = resolve;
    await promise;
    this.#endPause = undefined;
  }

  /** Tries nothing for a while, then the switch or, by the caller, the write that has failed. */
  #coolDown(error: Error): void {
    this.#obstacle = error;
    this.#report(reasonOf(error));
    this.#cooling?.[Symbol.dispose]();
    this.#cooling = reactor().after(Math.max(this.#settings.cooldown, 1), () => {
      this.#cooling = undefined;
      if (this.#switching !== undefined && this.#archiving === undefined) this.#switch();
      this.#tellWritable();
    });
  }

  #overcome(): void {
    if (this.#obstacle === undefined) return;
    this.#obstacle = undefined;
    this.#reported = "";
  }

  #tellWritable(): void {
    if (!this.#refused || this.#cooling || this.#switching) return;
    this.#refused = false;
    this.#host.onWritable?.();
  }

  #report(message: string): void {
    if (message === this.#reported) return;
    this.#reported = message;
    this.#host.report?.(message);
  }
}
