/** One logger of two that get the same: s6-log, or `sv` under its name. */
import { libc } from "../../lib/os/libc.ts";
import { close, CWD, Open, open, tryWrite } from "../../lib/os/file.ts";
import { PidfdDeaths } from "../../lib/os/spawn/deaths.ts";
import { PosixSpawner } from "../../lib/os/spawn/posix_spawner.ts";
import { Errno } from "../../lib/os/system_error.ts";
import { exitCode, termSignal, type WaitStatus } from "../../lib/os/wait_status.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { isArchive } from "../../lib/log/directory/archive.ts";

/** On x86-64 and ARM64: each write(2) to the pipe is one read(2). */
const O_DIRECT = Deno.build.arch === "aarch64" ? 0o200000 : 0o40000;
const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;

/** How a logger was ended, and what it wrote. */
export interface LogResult {
  /** Its exit code, or the signal that ended it. */
  readonly end: string;
  /** What it wrote to standard output. */
  readonly stdout: string;
  /** Its alerts. */
  readonly alerts: string;
  /** All files below its directory, with stamps replaced. */
  readonly files: Readonly<Record<string, string>>;
}

/** Replaces what depends on the time. */
export function withoutStamps(text: string): string {
  return text
    .replaceAll(/@[0-9a-f]{24} /g, "@TAI64N ")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} {2}/g, "LOCAL  ");
}

/** A running logger. */
export class LogSide {
  readonly #input: number;
  readonly #pid: number;
  readonly #ended: Promise<WaitStatus>;
  readonly #output: string;

  /**
   * Starts a logger.
   *
   * @param command The program and its arguments.
   * @param directory Its working directory.
   * @param output Where its output goes: the path of two files, but for `.1` and `.2`.
   */
  constructor(
    command: readonly string[],
    readonly directory: string,
    output: string,
  ) {
    const ends = new Int32Array(2);
    if (libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC | O_DIRECT) < 0) {
      throw new Error("No pipe can be made");
    }
    libc.fcntl(ends[1]!, F_SETPIPE_SZ, 1n << 20n);
    const writing = Open.WRITE | Open.CREATE | Open.APPEND;
    const stdout = open(CWD, `${output}.1`, writing);
    const stderr = open(CWD, `${output}.2`, writing);
    const cwd = open(CWD, directory, Open.PATH | Open.DIRECTORY);
    const child = new PosixSpawner().spawn({
      argv: command,
      directory: cwd,
      stdin: ends[0]!,
      stdout,
      stderr,
      newSession: false,
    });
    for (const fd of [ends[0]!, stdout, stderr, cwd]) close(fd);
    this.#input = ends[1]!;
    this.#pid = child.pid;
    this.#output = output;
    const { promise, resolve } = Promise.withResolvers<WaitStatus>();
    new PidfdDeaths().watch(child, resolve);
    this.#ended = promise;
  }

  /** Writes to the logger's input. Returns false where the logger is gone. */
  write(text: string | Uint8Array<ArrayBuffer>): boolean {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    for (let at = 0; at < bytes.length;) {
      const count = tryWrite(this.#input, bytes.subarray(at));
      if (count === -Errno.EPIPE) return false;
      if (count < 0) throw new Error(`Errno ${-count} at a write to a logger`);
      at += count;
    }
    return true;
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    Deno.kill(this.#pid, signal);
  }

  /** Waits until a log directory has so many archives. */
  async archives(name: string, count: number): Promise<void> {
    await until(() => {
      const names = [...Deno.readDirSync(`${this.directory}/${name}`)].map((entry) => entry.name);
      return names.filter(isArchive).length === count && !names.includes("previous") &&
        !names.includes("processed");
    }, `${count} archives in ${this.directory}/${name}`);
  }

  /** Waits until a file has this text. */
  async holds(name: string, wanted: string): Promise<void> {
    await until(() => {
      try {
        return withoutStamps(Deno.readTextFileSync(`${this.directory}/${name}`)) === wanted;
      } catch {
        return false;
      }
    }, `the text in ${name}: ${wanted}`);
  }

  /** Waits for the logger's end. */
  async end(): Promise<string> {
    const status = await within(this.#ended, "the end of a logger");
    return exitCode(status) === undefined ? `signal ${termSignal(status)}` : `${exitCode(status)}`;
  }

  /** Ends the logger's input. */
  closeInput(): void {
    close(this.#input);
  }

  /** Waits for the logger's end, and reads all that it has written. */
  async result(): Promise<LogResult> {
    const end = await this.end();
    const lines = Deno.readTextFileSync(`${this.#output}.2`).split("\n");
    return {
      end,
      stdout: withoutStamps(Deno.readTextFileSync(`${this.#output}.1`)),
      alerts: withoutStamps(lines.filter((line) => line.includes(": alert: ")).join("\n")),
      files: filesBelow(this.directory),
    };
  }
}

/** Returns all files below a directory: mode and content, archives by their order. */
export function filesBelow(directory: string, prefix = ""): Record<string, string> {
  const found: Record<string, string> = {};
  let archives = 0;
  const entries = [...Deno.readDirSync(directory)].sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory } of entries) {
    const path = `${directory}/${name}`;
    const shown = prefix + (isArchive(name) ? `archive ${++archives}${name.slice(-2)}` : name);
    const mode = (Deno.statSync(path).mode! & 0o7777).toString(8);
    if (!isDirectory) found[shown] = `${mode} ${withoutStamps(Deno.readTextFileSync(path))}`;
    else Object.assign(found, { [shown]: mode }, filesBelow(path, `${shown}/`));
  }
  return found;
}
