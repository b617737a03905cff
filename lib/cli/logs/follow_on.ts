import { wallClock } from "../../os/clock.ts";
import { CWD } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { exists } from "../../os/path.ts";
import { endByBrokenPipe } from "../../os/end_by_broken_pipe.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { endOfLastLine } from "../../log/reading/follow_log.ts";
import { FollowedLogs } from "../../log/reading/follow_logs.ts";
import type { LogRange } from "../../log/reading/read_log.ts";
import type { StampReader } from "../../log/reading/stamps.ts";
import { ServicePath, SupervisePath } from "../../servicedir/protocol.ts";
import { scanDirectory } from "../status/service_names.ts";
import type { LineWriter } from "./line_writer.ts";
import { isPattern, type NamedLog, namedLogs } from "./named_logs.ts";
import { type OpenedLog, showLogs, tryOpenLog } from "./show_logs.ts";

/** What is followed, and how. */
export interface FollowSettings {
  /** The words on the command line. */
  readonly words: readonly string[];
  /** How many lines are written at first; undefined: all in the range. */
  readonly most: number | undefined;
  readonly range: LogRange;
  readonly stamps: StampReader;
  readonly writer: LineWriter;
  readonly warn: (problem: unknown) => void;
}

/**
 * Milliseconds until logs that can't be found are looked for again, after something has happened to their
 * services: what a logger does between its start and its first line, the kernel tells only in part.
 */
const LOOK_AGAIN = [100, 300, 1000, 3000];

/** Ends this program when nobody reads its output any more, though nothing is written. */
function endWithReader(): void {
  // A pipe without a reader is in error, which the kernel tells of whatever is asked for.
  if (fstat(1).type === "fifo") reactor().watch(1, Priority.Ordinary, endByBrokenPipe);
}

/** The logs that are followed, and those that were asked for and can't be found yet. */
class Follower {
  readonly #settings: FollowSettings;
  readonly #logs: FollowedLogs<string>;
  readonly #names = new Set<string>();
  #looks: Disposable | undefined;

  constructor(settings: FollowSettings) {
    this.#settings = settings;
    const { stamps, warn, writer } = settings;
    this.#logs = new FollowedLogs({ stamps, warn, now: wallClock }, {
      onLines: (lines) => {
        for (const { line, log } of lines) writer.add(log, line);
        writer.flush();
      },
      onOther: () => this.#lookAgain(0),
    });
  }

  /** Writes what there is, and follows it. */
  async start(logs: readonly NamedLog[]): Promise<void> {
    const opened = logs.flatMap((log) => this.#open(log) ?? []);
    const { most, writer } = this.#settings;
    await showLogs(opened.map(({ log }) => log), most, writer);
    for (const { log, number } of opened) {
      this.#logs.follow(number, log.name, log.open, log.range.currentEnd ?? 0);
    }
    this.#watchOthers(logs);
    this.#logs.start();
    this.#lookLater(logs, 0);
  }

  /** Opens a log, of which each later write is told. */
  #open(log: NamedLog): { log: OpenedLog; number: number } | undefined {
    if (log.place === undefined) return undefined;
    try {
      // Its logger may not have made it yet.
      if (!exists(CWD, log.place.directory)) return undefined;
      const number = this.#logs.watch(log.place);
      const open = tryOpenLog(log);
      if (open === undefined) return undefined;
      this.#names.add(log.name);
      const currentEnd = open.current === undefined ? 0 : endOfLastLine(open.current);
      return {
        log: { name: log.name, open, range: { ...this.#settings.range, currentEnd } },
        number,
      };
    } catch (error) {
      this.#settings.warn(error);
      return undefined;
    }
  }

  /** Watches where services come, and where the logs come of those that have none yet. */
  #watchOthers(logs: readonly NamedLog[]): void {
    const { words } = this.#settings;
    if (words.length === 0 || words.some((word) => isPattern(word))) {
      this.#logs.watchOther(scanDirectory());
    }
    for (const { dir, name, place } of logs) {
      if (this.#names.has(name)) continue;
      if (place !== undefined) {
        this.#logs.watchOther(place.directory.replace(/\/[^/]*$/, "") || "/");
      }
      if (dir === undefined) continue;
      const logger = `${dir}/${ServicePath.logger}`;
      for (const service of [dir, logger]) {
        this.#logs.watchOther(service);
        this.#logs.watchOther(`${service}/${SupervisePath.directory}`);
      }
    }
  }

  /** Follows logs that have come, from their beginnings. */
  #lookAgain(attempt: number): void {
    const logs = namedLogs(this.#settings.words);
    for (const name of this.#names) {
      if (!this.#logs.has((followed) => followed === name)) this.#names.delete(name);
    }
    for (const log of logs) {
      if (this.#names.has(log.name)) continue;
      const opened = this.#open(log);
      if (opened !== undefined) this.#logs.follow(opened.number, log.name, opened.log.open, 0);
    }
    this.#watchOthers(logs);
    this.#lookLater(logs, attempt);
  }

  #lookLater(logs: readonly NamedLog[], attempt: number): void {
    this.#looks?.[Symbol.dispose]();
    this.#looks = undefined;
    const delay = LOOK_AGAIN[attempt];
    if (delay === undefined || logs.every(({ name }) => this.#names.has(name))) return;
    this.#looks = reactor().after(delay, () => {
      this.#lookAgain(attempt + 1);
      this.#logs.tell();
    });
  }
}

/** Writes the lines of logs, and those that come, for ever. */
export async function followOn(
  logs: readonly NamedLog[],
  settings: FollowSettings,
): Promise<never> {
  endWithReader();
  await new Follower(settings).start(logs);
  return await new Promise(() => {});
}
