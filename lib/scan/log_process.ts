import { duplicate, pipe, setNonblocking } from "../os/descriptor.ts";
import { close, CWD, Open, tryOpen, tryRead, tryWrite } from "../os/file.ts";
import { Priority, reactor } from "../os/reactor.ts";
import type { Deaths } from "../os/spawn/deaths.ts";
import { Signal } from "../os/signal.ts";
import type { Spawner } from "../os/spawn/spawner.ts";
import { Errno, reasonOf } from "../os/system_error.ts";
import { monotonicClock } from "../os/clock.ts";
import { exitCode, type WaitStatus } from "../os/wait_status.ts";
import {
  type Answer,
  formatMessage,
  type LoggedService,
  LogProcessDescriptor,
  MessageReader,
} from "../log/collector/messages.ts";

/** Milliseconds from one start of the log process to the next, at least. */
const RESTART = 1000;

/** Milliseconds that the scan, when it ends, waits for its log process. */
const LAST_WORDS = 30_000;

/** What a {@linkcode LogProcess} needs of the scan. */
export interface LogProcessHost {
  /** Returns the command line of the log process. */
  readonly command: () => readonly string[];
  /** Starts it. */
  readonly spawner: Spawner;
  /** Learns of its death. */
  readonly deaths: Deaths;
  /** Reports a message to the administrator. */
  readonly report: (message: string) => void;
}

/** A service that is logged. */
interface Entry {
  readonly service: LoggedService;
  /** Whether the service has ended, and only what it has written is still of interest. */
  released: boolean;
  /** Called when all of that is written. */
  onWritten?: (() => void) | undefined;
  /** The FIFO, for reading: it keeps what is in the FIFO when the service and the log process die. */
  readonly fifo: number;
}

/** A log process that runs. */
interface Running {
  readonly orders: number;
  readonly answers: number;
  readonly reader: MessageReader<Answer>;
  readonly watch: Disposable;
}

/**
 * The log process, a child of the scan: started for the first service that is logged, and again when it
 * dies. It gets the services as messages, and answers when it has written all of a service that ended.
 */
export class LogProcess {
  readonly #host: LogProcessHost;
  readonly #entries = new Map<string, Entry>();
  #running: Running | undefined;
  #lastStart = -Infinity;
  #nextStart: Disposable | undefined;
  /** Orders for which the pipe has had no room: the rest of some, and further ones. */
  #unsent: Uint8Array<ArrayBuffer> = new Uint8Array();
  #queue: string[] = [];
  #onEnd: (() => void) | undefined;

  /** @param host The scan. */
  constructor(host: LogProcessHost) {
    this.#host = host;
  }

  /**
   * Logs a service.
   *
   * @param service The service.
   * @param output Its FIFO, open.
   */
  log(service: LoggedService, output: number): void {
    const known = this.#entries.get(service.id);
    const fifo = known?.fifo ??
      tryOpen(CWD, `/proc/self/fd/${output}`, Open.READ | Open.NONBLOCK);
    this.#entries.set(service.id, {
      service,
      released: false,
      fifo: fifo < 0 ? duplicate(output) : fifo,
    });
    if (this.#running === undefined) this.#startSoon();
    else this.#send(formatMessage({ do: "log", service }));
  }

  /**
   * Notes that a service has ended: the log process answers when it has written all.
   *
   * @param id The FIFO.
   * @param onWritten Called then, unless the service has come back.
   */
  release(id: string, onWritten?: () => void): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.released = true;
    entry.onWritten = onWritten;
  }

  /** No longer logs a service, which another log process gets. */
  forget(id: string): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    if (entry !== undefined) close(entry.fifo);
  }

  /** Ends it when all is written, and calls back. */
  end(onEnd: () => void): void {
    this.#onEnd = onEnd;
    if (this.#running === undefined && this.#entries.size === 0) return onEnd();
    if (this.#running === undefined) return this.#startSoon();
    this.#send(formatMessage({ do: "end" }));
    this.#endAfterAll();
  }

  #endAfterAll(): void {
    reactor().after(LAST_WORDS, () => {
      if (this.#onEnd === undefined) return;
      this.#host.report("warning: the log process does not end; not waiting for it any longer");
      this.#ended();
    });
  }

  #ended(): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.();
  }

  #startSoon(): void {
    if (this.#nextStart !== undefined) return;
    const wait = Math.max(this.#lastStart + RESTART - monotonicClock(), 0);
    this.#nextStart = reactor().after(wait, () => {
      this.#nextStart = undefined;
      this.#start();
    });
  }

  #start(): void {
    this.#lastStart = monotonicClock();
    const opened: number[] = [];
    try {
      const orders = pipe();
      opened.push(orders.read, orders.write);
      const answers = pipe({ nonblockingRead: true });
      opened.push(answers.read, answers.write);
      setNonblocking(orders.write, true);
      setNonblocking(answers.write, true);
      const child = this.#host.spawner.spawn({
        argv: this.#host.command(),
        stdin: "null",
        // Otherwise the runtime opens a debugger at that signal.
        blockedSignals: [Signal.USR1],
        descriptors: [
          { source: orders.read, target: LogProcessDescriptor.orders },
          { source: answers.write, target: LogProcessDescriptor.answers },
        ],
      });
      if (child instanceof Promise) throw new TypeError("the spawner must not wait");
      close(orders.read);
      close(answers.write);
      this.#running = {
        orders: orders.write,
        answers: answers.read,
        reader: new MessageReader<Answer>(),
        watch: this.#host.deaths.watch(child, (status) => this.#died(status)),
      };
      reactor().watch(answers.read, Priority.Ordinary, () => {
        // News of its death comes by itself.
        if (!this.#readAnswers()) reactor().unwatch(answers.read);
      });
    } catch (error) {
      opened.forEach(close);
      this.#host.report(
        `warning: cannot start the log process: ${reasonOf(error)}; trying again in 1 second`,
      );
      return this.#startSoon();
    }
    for (const { service } of this.#entries.values()) {
      this.#send(formatMessage({ do: "log", service }));
    }
    if (this.#onEnd !== undefined) {
      this.#send(formatMessage({ do: "end" }));
      this.#endAfterAll();
    }
  }

  #send(text: string): void {
    this.#queue.push(text);
    if (this.#unsent.length === 0) this.#flush();
  }

  /** Writes what there is room for; the rest when there is room again. */
  #flush(): void {
    const { orders } = this.#running!;
    const more = new TextEncoder().encode(this.#queue.splice(0).join(""));
    const unsent = new Uint8Array(this.#unsent.length + more.length);
    unsent.set(this.#unsent);
    unsent.set(more, this.#unsent.length);
    const count = tryWrite(orders, unsent);
    // EPIPE: it has just died, and the next one gets all orders.
    const isGone = count < 0 && count !== -Errno.EAGAIN;
    this.#unsent = isGone ? new Uint8Array() : unsent.slice(Math.max(count, 0));
    reactor().unwatch(orders);
    if (this.#unsent.length > 0) {
      reactor().watch(orders, Priority.Ordinary, () => this.#flush(), "write");
    }
  }

  /** Reads what the log process has answered; returns false at the end. */
  #readAnswers(): boolean {
    const bytes = new Uint8Array(4096);
    const { answers, reader } = this.#running!;
    for (;;) {
      const count = tryRead(answers, bytes);
      if (count === -Errno.EAGAIN) return true;
      if (count <= 0) return false;
      for (const { written } of reader.read(bytes.subarray(0, count))) {
        // A service that has come back meanwhile was named again, and is logged again.
        const entry = this.#entries.get(written);
        if (!entry?.released) continue;
        this.forget(written);
        entry.onWritten?.();
      }
    }
  }

  #died(status: WaitStatus): void {
    const { answers, orders } = this.#running!;
    this.#readAnswers();
    for (const fd of [answers, orders]) {
      reactor().unwatch(fd);
      close(fd);
    }
    this.#running = undefined;
    this.#unsent = new Uint8Array();
    this.#queue = [];
    const isDone = this.#entries.size === 0 || exitCode(status) === 0;
    if (this.#onEnd !== undefined && isDone) return this.#ended();
    if (this.#entries.size > 0) this.#startSoon();
  }
}
