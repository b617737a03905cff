import { DirectoryWatch } from "../../os/directory_watch.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { reasonOf } from "../../os/system_error.ts";
import { FollowedLog, type Following } from "./follow_log.ts";
import { merge, type MergedLine } from "./merge.ts";
import type { LogLine } from "./log_line.ts";
import type { LogPlace, OpenLog } from "./open_log.ts";

/** What {@linkcode FollowedLogs} tells. */
export interface FollowingEvents<Log> {
  /** Gets new lines, in the order of their times. */
  readonly onLines: (lines: readonly MergedLine<Log>[]) => void;
  /** Called when something has happened in another directory that is watched, or a log has gone. */
  readonly onOther: () => void | Promise<void>;
}

interface Entry<Log> {
  readonly log: Log;
  readonly followed: FollowedLog;
}

async function* once(lines: LogLine[]): AsyncGenerator<LogLine[]> {
  yield await Promise.resolve(lines);
}

/**
 * Logs that are followed. The kernel tells in which something was written: where nothing is, nothing is
 * done.
 */
export class FollowedLogs<Log> implements Disposable {
  readonly #following: Following;
  readonly #events: FollowingEvents<Log>;
  readonly #watch = new DirectoryWatch();
  /** By the numbers of the directories: several plain files may be in one. */
  readonly #entries = new Map<number, Entry<Log>[]>();
  readonly #news = new Set<number>();
  #otherNews = false;
  #busy = false;

  /**
   * @param following How logs are followed.
   * @param events What it tells.
   */
  constructor(following: Following, events: FollowingEvents<Log>) {
    this.#following = following;
    this.#events = events;
  }

  /** Begins to watch the directory of a log: before its files are opened, so that no write is missed. */
  watch({ directory }: LogPlace): number {
    return this.#watch.add(directory, true);
  }

  /**
   * Follows a log.
   *
   * @param number The number that {@linkcode FollowedLogs.watch} has given it.
   * @param log What its lines are told to be of.
   * @param open Its files, which are closed in the end.
   * @param at From where its current file is read.
   */
  follow(number: number, log: Log, open: OpenLog, at: number): void {
    const entry = { log, followed: new FollowedLog(open, at, this.#following) };
    this.#entries.set(number, [...this.#entries.get(number) ?? [], entry]);
    this.#news.add(number);
  }

  /** Watches another directory, in which services or logs may come. Ignores one that can't be watched. */
  watchOther(directory: string): void {
    try {
      this.#watch.add(directory);
    } catch {
      // It is not there; the directory above it is watched.
    }
  }

  /** Begins to tell. */
  start(): void {
    reactor().watch(this.#watch.fd, Priority.Ordinary, () => this.#takeNews());
    this.tell();
  }

  #takeNews(): void {
    for (const { directory, what } of this.#watch.read()) {
      if (what === "lost") {
        for (const number of this.#entries.keys()) this.#news.add(number);
        this.#otherNews = true;
      } else if (this.#entries.has(directory)) {
        this.#news.add(directory);
        if (what === "ended") this.#forget(directory);
      } else this.#otherNews = true;
    }
    this.tell();
  }

  /** Forgets logs whose directory was removed or renamed; what was written before is lost to nobody else. */
  #forget(number: number): void {
    for (const { followed } of this.#entries.get(number) ?? []) followed[Symbol.dispose]();
    this.#entries.delete(number);
    this.#otherNews = true;
  }

  /** Whether a log is followed. */
  has(isSame: (log: Log) => boolean): boolean {
    return [...this.#entries.values()].some((entries) => entries.some(({ log }) => isSame(log)));
  }

  /** Tells what is new; for those that were added since the last event. */
  async tell(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#news.size > 0 || this.#otherNews) {
        if (this.#otherNews) {
          this.#otherNews = false;
          await this.#events.onOther();
        }
        const numbers = [...this.#news];
        this.#news.clear();
        const sources = [];
        for (const entry of numbers.flatMap((number) => this.#entries.get(number) ?? [])) {
          const lines = await this.#take(entry);
          if (lines.length > 0) sources.push({ log: entry.log, lines: once(lines) });
        }
        const lines = [];
        for await (const line of merge(sources)) lines.push(line);
        if (lines.length > 0) this.#events.onLines(lines);
      }
    } finally {
      this.#busy = false;
    }
  }

  async #take({ followed }: Entry<Log>): Promise<LogLine[]> {
    try {
      return await followed.take();
    } catch (error) {
      this.#following.warn(reasonOf(error));
      return [];
    }
  }

  [Symbol.dispose](): void {
    reactor().unwatch(this.#watch.fd);
    for (const number of [...this.#entries.keys()]) this.#forget(number);
    this.#watch[Symbol.dispose]();
  }
}
