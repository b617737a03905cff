import { wallClock } from "../../os/clock.ts";
import { growFifo } from "../../os/descriptor.ts";
import { close, CWD, Descriptor, Open, open } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { openOwnDirectory } from "../../os/open_own.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { Errno, reasonOf, SystemError } from "../../os/system_error.ts";
import type { Timer } from "../../os/timer_queue.ts";
import { SupervisePath } from "../../servicedir/protocol.ts";
import type { Instant } from "../../tai/tai64n.ts";
import { Journal } from "./journal.ts";
import { formatLines, holdsLine, type LineFormat } from "./line_format.ts";
import { DirectoryTarget, type LogTarget, StreamTarget } from "./log_target.ts";
import type { Destination, LoggedService } from "./messages.ts";

/** How many bytes a FIFO holds at first. */
const FIFO_BYTES = 65_536;

/** How many bytes the FIFO of a service holds that has filled it: fewer turns of writer and reader. */
const LARGE_FIFO_BYTES = 1 << 20;

/** How many bytes are read at once. */
const READ_AT_ONCE = 1 << 18;

/** Milliseconds until something that failed is tried again. */
const RETRY = 1000;

const STDOUT = 1;

/** Lines that are being written. */
interface Writing {
  /** What is written. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many bytes of it are written. */
  at: number;
  /** How many bytes of the journal they are. */
  readonly length: number;
  /** When they were read. */
  readonly instant: Instant;
  /** How they are written. */
  readonly format: LineFormat;
}

/** What a {@linkcode CollectedOutput} needs of its program. */
export interface OutputHost {
  /** Reports a message to the administrator. */
  readonly report: (message: string) => void;
  /** Called when the FIFO has no writer any more and all that was written to it is logged. */
  readonly onWritten: () => void;
}

/**
 * The output of one service: reads the FIFO into the journal, and writes the lines of the journal to the
 * service's log. While the log can't be written, nothing is read: the FIFO fills, and the service waits.
 */
export class CollectedOutput {
  readonly #service: LoggedService;
  readonly #host: OutputHost;
  readonly #fifo: number;
  readonly #journal: Journal;
  #target: LogTarget | undefined;
  #watching = false;
  #isLarge = false;
  #retry: Timer | undefined;
  #writing: Writing | undefined;
  #reported = "";
  #released: Promise<void> | undefined;
  /** Whether the rest of an unfinished line is written, too: nothing more is expected. */
  #last = false;

  /**
   * Opens the FIFO and the journal.
   *
   * @throws {JournalInUseError} where another process has the journal.
   */
  constructor(service: LoggedService, host: OutputHost) {
    this.#service = service;
    this.#host = host;
    using directory = new Descriptor(openOwnDirectory(CWD, service.path));
    const fifo = open(
      directory.fd,
      SupervisePath.output,
      Open.READ | Open.NONBLOCK | Open.NOFOLLOW,
    );
    try {
      const { type, identity } = fstat(fifo);
      if (type !== "fifo" || identity !== service.id) {
        throw new Error(`${service.path}/${SupervisePath.output} is not the FIFO of the scan`);
      }
      this.#journal = new Journal(directory.fd, SupervisePath.outputJournal);
    } catch (error) {
      close(fifo);
      throw error;
    }
    this.#fifo = fifo;
  }

  /** Begins to read and write. */
  start(): void {
    this.#pump();
  }

  /** Reads all that is in the FIFO, writes it, with the rest of an unfinished line, and ends. */
  finish(): void {
    this.#last = true;
    this.#pump();
  }

  #pump(): void {
    if (this.ended) return;
    try {
      // After as much as the FIFO held the other services get their turn.
      if (!this.#writeLines()) return this.#stopReading();
      const count = this.#journal.fill(this.#fifo, READ_AT_ONCE);
      if (count === 0 || (count === -Errno.EAGAIN && this.#last)) return this.#noMore();
      if (count < 0 && count !== -Errno.EAGAIN) {
        throw new SystemError(`write to ${SupervisePath.outputJournal}`, -count);
      }
      if (!this.#writeLines()) return this.#stopReading();
      this.#journal.settle();
      if (count >= FIFO_BYTES && !this.#isLarge) {
        this.#isLarge = true;
        growFifo(this.#fifo, LARGE_FIFO_BYTES);
      }
      this.#reported = "";
      if (this.#last) this.#again(0);
      else this.#read();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Writes the rest, and ends. */
  #noMore(): void {
    this.#last = true;
    if (!this.#writeLines()) return this.#stopReading();
    this.#journal.settle();
    this.#end();
  }

  #read(): void {
    if (this.#watching) return;
    this.#watching = true;
    reactor().watch(this.#fifo, Priority.Ordinary, () => this.#pump());
  }

  #stopReading(): void {
    if (this.#watching) reactor().unwatch(this.#fifo);
    this.#watching = false;
  }

  #again(milliseconds: number): void {
    this.#retry?.[Symbol.dispose]();
    this.#retry = reactor().after(milliseconds, () => {
      this.#retry = undefined;
      this.#pump();
    });
  }

  #failed(error: unknown): void {
    this.#stopReading();
    this.#noteObstacle(reasonOf(error));
    this.#again(RETRY);
  }

  #noteObstacle(reason: string): void {
    const since = this.#journal.obstacle?.since ?? wallClock();
    try {
      this.#journal.noteObstacle(since, reason);
    } catch {
      // Its own disk does not take it: the message below has to do.
    }
    this.#report(reason);
  }

  #report(reason: string): void {
    if (reason === this.#reported) return;
    this.#reported = reason;
    this.#host.report(
      `warning: ${this.#service.name}: its log stands still: ${reason}; trying again`,
    );
  }

  /**
   * Writes all whole lines of the journal.
   *
   * @returns false where they can't be written at present; they are tried again later.
   */
  #writeLines(): boolean {
    for (;;) {
      if (this.#writing !== undefined && !this.#write(this.#writing)) return false;
      const { pending } = this.#journal;
      // Without a line the log need not be opened yet.
      if (!holdsLine(pending, this.#last)) return true;
      const target = this.#target ?? this.#openTarget();
      if (target === undefined) continue;
      const instant = wallClock();
      const { format } = target;
      const style = { format, service: this.#service.name, instant };
      const { bytes, length } = formatLines(pending, style, target.limit);
      this.#writing = { bytes, at: 0, length, instant, format };
    }
  }

  #write(writing: Writing): boolean {
    const { bytes, format, instant, length } = writing;
    // At each try: the file may have been archived since the last one.
    if (writing.at === 0) {
      this.#journal.begin({ length, instant, format, ...this.#target!.place });
    }
    writing.at += this.#target!.write(writing.at === 0 ? bytes : bytes.subarray(writing.at));
    if (writing.at < bytes.length) {
      const { obstacle } = this.#target!;
      // Without an obstacle a file is just being archived.
      if (obstacle !== undefined) this.#noteObstacle(obstacle);
      return false;
    }
    this.#writing = undefined;
    this.#journal.end(bytes.length);
    return true;
  }

  /**
   * Opens the log, and makes sure of what a killed process has begun to write.
   *
   * @returns undefined where pending lines have turned out to be written.
   */
  #openTarget(): LogTarget | undefined {
    const target = makeTarget(this.#service.to, {
      onWritable: () => this.#pump(),
      report: (message) => this.#report(message),
    });
    const { lastInode, pending, unfinished } = this.#journal;
    const begun = unfinished && {
      inode: unfinished.inode,
      position: unfinished.position,
      bytes: formatLines(pending.subarray(0, unfinished.length), {
        format: unfinished.format as LineFormat,
        service: this.#service.name,
        instant: unfinished.instant,
      }).bytes,
    };
    const isDone = target.open(lastInode, begun);
    this.#target = target;
    if (!isDone) return target;
    this.#journal.end(begun!.bytes.length);
    return undefined;
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#released !== undefined;
  }

  #end(): void {
    this.leave().then(() => this.#host.onWritten());
  }

  /** Ends it; what is not written stays in the journal, for the next log process. */
  leave(): Promise<void> {
    return this.#released ??= this.#release();
  }

  async #release(): Promise<void> {
    this.#stopReading();
    this.#retry?.[Symbol.dispose]();
    close(this.#fifo);
    await this.#target?.close();
    this.#journal[Symbol.dispose]();
  }
}

function makeTarget(
  to: Destination,
  events: { readonly onWritable: () => void; readonly report: (message: string) => void },
): LogTarget {
  if ("stream" in to) return new StreamTarget(STDOUT, to.stream, events);
  return new DirectoryTarget(to.directory, to.order, events);
}
