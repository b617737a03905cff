import { Pattern } from "../../os/pattern.ts";
import { replaceDescriptor, waitWritable } from "../../os/descriptor.ts";
import { exec } from "../../os/spawn/exec.ts";
import { close, tryRead, tryWrite } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { Errno, errnoMessage } from "../../os/system_error.ts";
import type { Source, Wait } from "../../waiting/wait.ts";
import { waitBlocking } from "../../waiting/wait_blocking.ts";
import { HANDED, takeHanded } from "../companion.ts";
import { tellReady } from "../newline/tell_ready.ts";
import { LineMatcher } from "./line_matcher.ts";

/** The capacity of a pipe: no read gets more. */
const PIECE = 65_536;

/** A program that copies its standard input to its standard output, and needs little memory for it. */
const COPIER = ["cat"];

/** What to look for in the output of a daemon. */
export interface NotifyOnLineOptions {
  /** An extended regular expression. */
  readonly regex: string;
  /** The descriptor that the output is passed on to: 1 or 2. */
  readonly output: number;
  /** The daemon's process id, as the supervisor knows it. */
  readonly pid: number;
  /** When to stop looking, on the monotonic clock in milliseconds; Infinity: never. */
  readonly deadline: number;
  /** Prints a warning. */
  readonly report: (message: string) => void;
}

/** The daemon's output. Reading it waits where nothing has come yet. */
class Output implements Source<Uint8Array<ArrayBuffer> | undefined> {
  readonly fd = HANDED.first;
  readonly #buffer = new Uint8Array(PIECE);

  /** Takes a piece of the output; undefined: it has ended. Valid until the next is taken. */
  read(): Uint8Array<ArrayBuffer> | undefined {
    const count = tryRead(this.fd, this.#buffer);
    return count > 0 ? this.#buffer.subarray(0, count) : undefined;
  }
}

/** Passes output on, piece by piece: the next piece is taken when the last has been written. */
class Passage {
  readonly #options: NotifyOnLineOptions;
  #warned = false;

  constructor(options: NotifyOnLineOptions) {
    this.#options = options;
  }

  /** Writes a piece. Returns false when the reader has closed its end. */
  write(piece: Uint8Array<ArrayBuffer>): boolean {
    const { output } = this.#options;
    for (let at = 0; at < piece.length;) {
      const count = tryWrite(output, piece.subarray(at));
      if (count >= 0) at += count;
      else if (count === -Errno.EAGAIN) waitWritable(output);
      else if (count === -Errno.EPIPE) return false;
      else {
        this.#warn(-count);
        return true;
      }
    }
    return true;
  }

  /**
   * Warns of a write error, once. Without this process the daemon would have met the error itself, and
   * might have gone on; a broken pipe instead of it might kill the daemon. So the output is lost.
   */
  #warn(errno: number): void {
    if (this.#warned) return;
    this.#warned = true;
    const { report, output } = this.#options;
    report(
      `warning: cannot write to descriptor ${output}: ${
        errnoMessage(errno)
      }; output is lost until ` +
        "that works again",
    );
  }
}

/** Looks for a line in the output, which it passes on, until the line has come or can't come any more. */
class Search implements Wait<Uint8Array<ArrayBuffer> | undefined> {
  readonly #pid: number;
  readonly #matcher: LineMatcher;
  readonly #passage: Passage;
  /** Whether the line has come, or the output has ended or lost its reader. */
  done = false;
  /** Whether the output has neither ended nor lost its reader. */
  flowing = true;

  constructor({ pid, regex }: NotifyOnLineOptions, passage: Passage) {
    this.#pid = pid;
    this.#matcher = new LineMatcher(new Pattern(regex, true));
    this.#passage = passage;
  }

  /** Takes a piece of the output. The supervisor is told first: readiness does not wait for a logger. */
  receive(_index: number, piece: Uint8Array<ArrayBuffer> | undefined): void {
    const found = piece === undefined ? this.#matcher.end() : this.#matcher.feed(piece);
    if (found) {
      tellReady(HANDED.second, this.#pid);
      this.closeNotification();
    }
    this.flowing = piece !== undefined && this.#passage.write(piece);
    this.done = found || !this.flowing;
  }

  /** Lets the supervisor see that nothing more will be told. */
  closeNotification(): void {
    close(HANDED.second);
  }
}

/**
 * Becomes a smaller program that copies: it is enough once there is nothing left to look for. Returns
 * where this process has to go on: because there is no such program, or because the output goes to a
 * file, where that program would end when the disk is full and so kill the daemon by a broken pipe.
 */
function becomeCopier(output: number): void {
  if (fstat(output).type === "file") return;
  replaceDescriptor(1, output);
  replaceDescriptor(0, HANDED.first);
  exec(COPIER);
}

/**
 * Passes the output of the daemon beside which this process runs on to where it would have gone, and
 * tells the supervisor of the first line that matches. Ends when no process has the output open any
 * more.
 *
 * @returns The exit code.
 */
export function notifyOnLine(options: NotifyOnLineOptions): number {
  takeHanded(HANDED.first, HANDED.second);
  const source = new Output();
  const passage = new Passage(options);
  const search = new Search(options, passage);
  if (!waitBlocking([source], search, options.deadline)) {
    options.report("warning: the service is up, but not ready: no line has matched in time");
    search.closeNotification();
  }
  if (!search.flowing) return 0;
  // Everything that was read has been written: the copier goes on where this process stops.
  becomeCopier(options.output);
  for (;;) {
    const piece = source.read();
    if (piece === undefined || !passage.write(piece)) return 0;
  }
}
