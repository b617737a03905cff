import { setNonblocking } from "../../os/descriptor.ts";
import { tryRead } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { Errno, errnoMessage, isErrno } from "../../os/system_error.ts";
import type { Timer } from "../../os/timer_queue.ts";
import { LineBuffer, PIECE } from "../input/line_buffer.ts";
import type { LoggingScript } from "../script/script.ts";
import { Actions } from "./actions.ts";

const STDIN = 0;

/** After so many reads in a row other events, a signal say, get their turn. */
const READS_IN_A_ROW = 64;

/** With so many bytes that wait to be written no more are read: the pipe fills, and the service waits. */
const MOST_WAITING = 16 << 20;

/** How a logger works. */
export interface LoggerOptions {
  /** The descriptor that it reads; default: standard input. */
  readonly input?: number;
  /** What it does with lines. */
  readonly script: LoggingScript;
  /** How many bytes a line may have; 0: any number. */
  readonly lineLimit: number;
  /** Milliseconds that the rest of the last line is waited for; 0: any time. */
  readonly lastLineTimeout: number;
  /** Whether nothing more is read before all was written. */
  readonly blocking: boolean;
  /** The program's name, for alerts. */
  readonly name: string;
  /** Warns of something that failed. */
  readonly report: (message: string) => void;
}

/** Reads lines, and does with them what a script says. */
export class Logger {
  readonly #options: LoggerOptions;
  readonly #actions: Actions;
  readonly #buffer: LineBuffer;
  readonly #input: number;
  readonly #ended = Promise.withResolvers<void>();
  /** Whether nothing is read before something was written. */
  #waiting = false;
  #watching = false;
  /** Whether the logger ends after the line that has begun. */
  #stopping = false;
  /** Whether nothing more is read. */
  #done = false;
  #closing = false;
  #deadline: Timer | undefined;
  /** Set where standard input is a file, which can always be read. */
  #turn: Timer | undefined;
  #isFile = false;

  /**
   * Opens all that the script writes to.
   *
   * @param options How it works.
   */
  constructor(options: LoggerOptions) {
    this.#options = options;
    this.#input = options.input ?? STDIN;
    this.#buffer = new LineBuffer(options.lineLimit);
    this.#actions = new Actions(options.script, {
      name: options.name,
      report: options.report,
      onWritable: () => this.#writable(),
    });
  }

  /** Logs until standard input ends, or {@linkcode stop} is called, and all was written. */
  run(): Promise<void> {
    const { type } = fstat(this.#input);
    if (type === "fifo" || type === "socket") setNonblocking(this.#input, true);
    this.#resume();
    return this.#ended.promise;
  }

  /** Ends after the line that has begun. What comes after it stays in the pipe, for the next logger. */
  stop(): void {
    if (this.#stopping || this.#done) return;
    this.#stopping = true;
    if (!this.#buffer.partial) return this.#end();
    const { lastLineTimeout } = this.#options;
    if (lastLineTimeout > 0) {
      this.#deadline = reactor().after(lastLineTimeout, () => this.#end());
    }
  }

  /** Rotates all log directories. */
  rotate(): void {
    this.#actions.rotate();
  }

  #resume(): void {
    if (this.#done || this.#watching || this.#turn) return;
    if (!this.#isFile) {
      try {
        reactor().watch(this.#input, Priority.Ordinary, () => this.#read());
        this.#watching = true;
        return;
      } catch (error) {
        // epoll refuses what can be read without waiting: files, and some devices.
        if (!isErrno(error, Errno.EPERM)) throw error;
        this.#isFile = true;
      }
    }
    this.#turn = reactor().after(0, () => {
      this.#turn = undefined;
      this.#read();
      if (!this.#waiting) this.#resume();
    });
  }

  #pause(): void {
    if (this.#watching) reactor().unwatch(this.#input);
    this.#watching = false;
    this.#turn?.[Symbol.dispose]();
    this.#turn = undefined;
  }

  /** Reads what there is. */
  #read(): void {
    const read = (room: Uint8Array<ArrayBuffer>) => tryRead(this.#input, room);
    for (let reads = 0; reads < READS_IN_A_ROW && !this.#done; reads++) {
      // What follows the last line is the next logger's.
      const most = this.#stopping ? 1 : PIECE;
      const count = this.#buffer.fill(read, most);
      if (count === -Errno.EAGAIN) return;
      if (count <= 0) {
        if (count < 0) {
          this.#options.report(`cannot read standard input: ${errnoMessage(-count)}`);
        }
        return this.#end();
      }
      this.#actions.takeLines(this.#buffer);
      if (this.#stopping && !this.#buffer.partial) return this.#end();
      if (this.#mustWait()) return;
      // There was no more. Another read would wait where standard input is a terminal.
      if (count < most) return;
    }
  }

  /** Pauses where too much waits to be written. */
  #mustWait(): boolean {
    const { pausing, waiting } = this.#actions;
    if (!pausing && waiting <= (this.#options.blocking ? 0 : MOST_WAITING)) return false;
    this.#waiting = true;
    this.#pause();
    return true;
  }

  #writable(): void {
    this.#actions.flush();
    if (this.#done) this.#closeWhenWritten();
    else if (this.#waiting && !this.#mustWait()) {
      this.#waiting = false;
      this.#resume();
    }
  }

  #end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#pause();
    this.#deadline?.[Symbol.dispose]();
    this.#actions.takePartial(this.#buffer);
    this.#closeWhenWritten();
  }

  async #closeWhenWritten(): Promise<void> {
    if (this.#closing || this.#actions.waiting > 0) return;
    this.#closing = true;
    await this.#actions.close();
    this.#ended.resolve();
  }
}
