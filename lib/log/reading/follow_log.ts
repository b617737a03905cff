import { CWD } from "../../os/file.ts";
import { fstat, tryStat } from "../../os/file_status.ts";
import { Errno, isErrno } from "../../os/system_error.ts";
import type { Instant } from "../../tai/tai64n.ts";
import { type LogContent, PlainContent, unpack, UnreadableError } from "./log_content.ts";
import type { LogLine } from "./log_line.ts";
import { type OpenLog, openLog } from "./open_log.ts";
import { LineMaker, linesBackward, linesForward } from "./read_lines.ts";
import type { StampReader } from "./stamps.ts";

const NEWLINE = 10;
const BLOCK = 65_536;

/** How a log is followed. */
export interface Following {
  readonly stamps: StampReader;
  readonly warn: (problem: string) => void;
  readonly now: () => Instant;
}

/** Returns where the last line ends that is whole. */
export function endOfLastLine(content: LogContent): number {
  for (let end = content.size; end > 0;) {
    const from = Math.max(end - BLOCK, 0);
    const newline = content.read(from, end).lastIndexOf(NEWLINE);
    if (newline >= 0) return from + newline + 1;
    end = from;
  }
  return 0;
}

/** A log of which the lines are taken as they are written, through any number of rotations. */
export class FollowedLog implements Disposable {
  #log: OpenLog;
  readonly #following: Following;
  /** Up to where the current file was read. */
  #at: number;
  /** The beginning of a line of which the end is not written yet. */
  #begun = new Uint8Array();
  #maker: LineMaker;
  /** The time of the last line that was taken. */
  #last: Instant | undefined;
  /** How many files were taken that have not been seen as archives yet. */
  #unarchived: number;

  /**
   * @param log The files of the log, which are closed in the end.
   * @param at From where the current file is to be read: a place at which a line begins.
   * @param following How the log is followed.
   */
  constructor(log: OpenLog, at: number, following: Following) {
    this.#log = log;
    this.#at = at;
    this.#following = following;
    this.#maker = this.#newMaker();
    this.#unarchived = log.previous === undefined ? 0 : 1;
    for (const [content, end] of [[log.current, at], [log.previous, log.previous?.size]] as const) {
      if (content === undefined || end === undefined || this.#last !== undefined) continue;
      const reading = { stamps: following.stamps, fallback: content.modified };
      for (const lines of linesBackward(content, end, reading)) {
        // The last line comes first.
        this.#last = lines.find(({ time }) => time !== undefined)?.time;
        if (this.#last !== undefined) break;
      }
    }
  }

  #newMaker(): LineMaker {
    const { now, stamps } = this.#following;
    return new LineMaker({ stamps, fallback: now() });
  }

  /** Returns the lines that were written since the last call. */
  async take(): Promise<LogLine[]> {
    const taken = this.#takeCurrent();
    while (!this.#isCurrent()) {
      const next = openLog(this.#log.place);
      if (next.current === undefined) {
        // Between two files, or removed. The next event brings the new file.
        next[Symbol.dispose]();
        break;
      }
      // Nothing is written to the former file any more.
      taken.push(...this.#takeCurrent(), ...this.#takeBegun());
      taken.push(...await this.#linesBetween(next));
      this.#log[Symbol.dispose]();
      this.#log = next;
      this.#at = 0;
      this.#maker = this.#newMaker();
      taken.push(...this.#takeCurrent());
    }
    return taken;
  }

  /** Whether the file that is read is still the one that lines are appended to. */
  #isCurrent(): boolean {
    const { current, place } = this.#log;
    const now = tryStat(CWD, `${place.directory}/${place.current}`);
    return now?.identity === (current && fstat(current.fd).identity);
  }

  #takeCurrent(): LogLine[] {
    const { current } = this.#log;
    if (current === undefined) return [];
    const { size } = fstat(current.fd);
    if (size < this.#at) {
      // It was cut off.
      this.#at = size;
      this.#begun = new Uint8Array();
    }
    const lines: LogLine[] = [];
    while (this.#at < size) {
      const read = current.read(this.#at, Math.min(this.#at + BLOCK, size));
      if (read.length === 0) break;
      this.#at += read.length;
      const bytes = new Uint8Array(this.#begun.length + read.length);
      bytes.set(this.#begun);
      bytes.set(read, this.#begun.length);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      for (const line of this.#maker.lines(bytes.subarray(0, end))) lines.push(line);
      this.#begun = bytes.slice(end);
    }
    this.#note(lines);
    return lines;
  }

  #takeBegun(): LogLine[] {
    const begun = this.#begun;
    this.#begun = new Uint8Array();
    return this.#maker.lines(begun);
  }

  /** Returns the lines of files that came and went between the former current file and the new one. */
  async #linesBetween(next: OpenLog): Promise<LogLine[]> {
    const { stamps } = this.#following;
    const former = this.#log.current && fstat(this.#log.current.fd).identity;
    if (former !== undefined) this.#unarchived++;
    const known = new Set(this.#log.archives.map(({ name }) => name));
    const taken: LogLine[] = [];
    const take = (content: LogContent, fallback: Instant) => {
      const reading = { stamps, fallback };
      const lines = [...linesForward(content, 0, content.size, reading)].flat();
      if (this.#wasTaken(lines)) return;
      this.#note(lines);
      taken.push(...lines);
    };
    for (const { name, until } of next.archives) {
      if (known.has(name)) continue;
      using content = await this.#open(`${next.place.directory}/${name}`, former);
      if (content !== undefined) take(content, until);
      else this.#unarchived = Math.max(this.#unarchived - 1, 0);
    }
    const { previous } = next;
    if (previous !== undefined && fstat(previous.fd).identity !== former) {
      const before = this.#unarchived;
      take(previous, previous.modified);
      // It is still to become an archive.
      this.#unarchived = before + (this.#unarchived === before ? 1 : 0);
    }
    return taken;
  }

  /**
   * Tells whether an archive has lines that were taken already, when it was the current file: its processor
   * has made a new file of that, so that they can't be told by their inodes.
   */
  #wasTaken(lines: readonly LogLine[]): boolean {
    const first = lines.find(({ time }) => time !== undefined)?.time;
    if (first !== undefined && this.#last !== undefined && first !== this.#last) {
      const isOld = first < this.#last;
      if (isOld) this.#unarchived = Math.max(this.#unarchived - 1, 0);
      // Those that come before it have been removed meanwhile.
      else this.#unarchived = 0;
      return isOld;
    }
    if (this.#unarchived === 0) return false;
    this.#unarchived--;
    return true;
  }

  /** Notes the time of the last line that was taken. */
  #note(lines: readonly LogLine[]): void {
    this.#last = lines.findLast(({ time }) => time !== undefined)?.time ?? this.#last;
  }

  /** Opens an archive; undefined where it is the former current file, or can't be read. */
  async #open(path: string, former: string | undefined): Promise<LogContent | undefined> {
    try {
      const content = PlainContent.open(path);
      if (fstat(content.fd).identity === former) {
        content[Symbol.dispose]();
        return undefined;
      }
      return await unpack(content, path);
    } catch (error) {
      if (error instanceof UnreadableError) this.#following.warn(error.message);
      else if (!isErrno(error, Errno.ENOENT)) throw error;
      return undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]();
  }
}
