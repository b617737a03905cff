/**
 * The identity of the process of a service, `run` or `finish`: process id, start and boot.
 *
 * The supervisor records it when it has started the program. A supervisor that comes after a killed one
 * takes a process over only if it is the recorded one: a process id alone may have gone to a stranger.
 * Before the start it records that it is about to start a program: one that was killed between the two
 * records may have left a process.
 *
 * @module
 */

import { close, Open, tryOpen, tryRead, tryWrite } from "../os/file.ts";
import { cString, decodeOs, encodeOs } from "../os/os_string.ts";
import { bootId, isOwnChild, ticksNow } from "../os/process_start.ts";
import { type ProcessStat, statOf } from "../os/process_stat.ts";
import type { Instant } from "../tai/tai64n.ts";
import { SupervisePath } from "./protocol.ts";

const RECORD = cString(SupervisePath.process);

/** A path in a directory, as the C library has it. */
type CString = typeof RECORD;

/** The longest record, in bytes; more than ever is written. */
const LONGEST = 256;

/** A process; start and boot tell it from any other with the same process id. */
export interface ProcessIdentity {
  /** Its process id. */
  readonly pid: number;
  /** When it was started: clock ticks since the boot. */
  readonly ticks: string;
  /** The boot of the machine. */
  readonly boot: string;
  /** Which program of the service it is; unknown where an older version has recorded it. */
  readonly program?: Program;
}

/** A program of a service; `script`: one of a oneshot of `sv rc`, any. */
export type Program = "run" | "finish" | "script";

/** A start that was about to be made. */
export interface Intent {
  /** When it was recorded: clock ticks since the boot. */
  readonly ticks: number;
  /** The program that was to be started. */
  readonly program: Program;
}

/** What stands in the place of the process id in the record of a start that is about to be made. */
const STARTING = "starting";
/** The whole line where a start has failed, or its process has ended before it could be recorded. */
const NO_PROCESS = "none";

/** What the record tells besides: for those who ask how the service is. */
export interface Life {
  /** How often `run` was started since the supervisor began. */
  readonly starts: number;
  /** The process id of the `run` that was started last, also when that has died; 0 before the first. */
  readonly last: number;
  /** Since when it is being brought down: nanoseconds of UTC since 1970; 0 while it is not. */
  readonly stoppingSince: Instant;
}

const BEFORE_THE_FIRST: Life = { starts: 0, last: 0, stoppingSince: 0n };

/**
 * The record of the process of one service, as its supervisor keeps it: a line about the process or the
 * start that is about to be made, and a line about the {@linkcode Life}. Where /proc is not mounted, or
 * the record can't be written, the program can't be taken over by a later supervisor; a former record is
 * never of this process.
 */
export class ProcessRecord {
  readonly #directory: number;
  readonly #path: CString;
  #line = "";
  #life = BEFORE_THE_FIRST;

  /**
   * @param directory The service directory, open.
   * @param path The path of the record there.
   */
  constructor(directory: number, path = RECORD) {
    this.#directory = directory;
    this.#path = path;
  }

  /** Records that a program is about to be started. */
  starting(program: Program): void {
    const boot = bootId();
    if (boot === undefined) return;
    this.#line = `${STARTING} ${ticksNow()} ${boot} ${program}`;
    this.#write();
  }

  /**
   * Records the identity of a program that this process has started. Call it while the program runs, or
   * has died and is not reaped yet: a child that is neither has left its process id to a stranger.
   *
   * @returns Whether the identity is recorded.
   */
  started(pid: number, program: Program): boolean {
    if (program === "run") {
      this.#life = { starts: this.#life.starts + 1, last: pid, stoppingSince: 0n };
    }
    const known = this.#identify(pid, program, isOwnChild);
    if (!known) this.#line = this.#line && NO_PROCESS;
    return this.#write() && known;
  }

  /** Records that the program that was about to be started was not. */
  failed(): void {
    if (this.#line === "") return;
    this.#line = NO_PROCESS;
    this.#write();
  }

  /**
   * Goes on with the record of a program that another program, or a former supervisor, has started. An older
   * version has recorded nothing.
   *
   * @param pid Its process id.
   * @param program Which program it is.
   * @param ticks Its start, where it was found by a start of which only the intent was recorded.
   */
  resume(pid: number, program: Program, ticks?: string): void {
    this.#life = readLife(this.#directory) ?? BEFORE_THE_FIRST;
    const [line] = readRecord(this.#directory).split("\n", 1);
    this.#line = line!;
    if (line!.startsWith(`${pid} `)) return;
    this.#identify(pid, program, ticks === undefined ? isOwnChild : (stat) => stat.ticks === ticks);
    this.#write();
  }

  /** Records that the service is being brought down from now on. */
  stopping(since: Instant): void {
    this.#life = { ...this.#life, stoppingSince: since };
    this.#write();
  }

  /** Puts the identity of a process into the record, if it is the one that the caller means. */
  #identify(pid: number, program: Program, isIt: (stat: ProcessStat) => boolean): boolean {
    const boot = bootId();
    const stat = boot === undefined ? undefined : statOf(pid);
    if (stat === undefined || !isIt(stat)) return false;
    this.#line = `${pid} ${stat.ticks} ${boot} ${program}`;
    return true;
  }

  /** Writes the record in place, by one write: only the first two lines count. */
  #write(): boolean {
    if (this.#line === "") return false;
    const flags = Open.WRITE | Open.CREATE | Open.NONBLOCK | Open.NOFOLLOW;
    const fd = tryOpen(this.#directory, this.#path, flags, 0o644);
    if (fd < 0) return false;
    const { last, starts, stoppingSince } = this.#life;
    const bytes = encodeOs(`${this.#line}\n${starts} ${last} ${stoppingSince}\n`);
    const count = tryWrite(fd, bytes);
    close(fd);
    return count === bytes.length;
  }
}

/** Returns the text of the record; empty where there is none. */
function readRecord(directory: number, path = RECORD): string {
  const fd = tryOpen(directory, path, Open.READ | Open.NONBLOCK);
  if (fd < 0) return "";
  const bytes = new Uint8Array(LONGEST);
  const count = tryRead(fd, bytes);
  close(fd);
  return decodeOs(bytes.subarray(0, Math.max(count, 0)));
}

/** Returns the fields of the first line; empty where there is none. */
function readProcess(directory: number, path = RECORD): string[] {
  const line = /^(starting|\d+) (\d+) (\S+)(?: (run|finish|script))?\n/;
  return line.exec(readRecord(directory, path))?.slice(1) ?? [];
}

/** Returns what the record tells besides; undefined where an older version, or s6, has written none. */
export function readLife(directory: number): Life | undefined {
  const line = /^.*\n(\d{1,15}) (\d{1,15}) (\d{1,20})\n/.exec(readRecord(directory));
  if (line === null) return undefined;
  return { starts: Number(line[1]), last: Number(line[2]), stoppingSince: BigInt(line[3]!) };
}

/** Returns the identity that was recorded last; undefined where there is none. */
export function readIdentity(directory: number, path = RECORD): ProcessIdentity | undefined {
  const [pid, ticks, boot, program] = readProcess(directory, path);
  if (pid === undefined || pid === STARTING) return undefined;
  return {
    pid: Number(pid),
    ticks: ticks!,
    boot: boot!,
    ...program !== undefined && { program: program as Program },
  };
}

/** Returns the start of which the outcome was not recorded; undefined where there is none. */
export function readIntent(directory: number, path = RECORD): Intent | undefined {
  const [pid, ticks, boot, program] = readProcess(directory, path);
  if (pid !== STARTING || program === undefined || boot !== bootId()) return undefined;
  return { ticks: Number(ticks), program: program as Program };
}

/** Whether a process still runs: that process, not a later one with its process id. */
export function stillRuns({ pid, ticks, boot }: ProcessIdentity): boolean {
  if (boot !== bootId()) return false;
  const stat = statOf(pid);
  return stat !== undefined && !stat.dead && stat.ticks === ticks;
}
