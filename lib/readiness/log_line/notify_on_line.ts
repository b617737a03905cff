import { Pattern } from "../../os/pattern.ts";
import { monotonicClock } from "../../os/clock.ts";
import { replaceDescriptor, waitReadable, waitWritable } from "../../os/descriptor.ts";
import { exec } from "../../os/spawn/exec.ts";
import { close, fstat, tryRead, tryWrite } from "../../os/file.ts";
import { Errno, errnoMessage } from "../../os/system_error.ts";
import { HANDED, takeHanded } from "../companion.ts";
import { LineMatcher } from "./line_matcher.ts";
import { tellReady } from "../newline/tell_ready.ts";

/** As much as a pipe holds. */
const PIECE = 65_536;

/** A program that copies its standard input to its standard output, and takes little memory for it. */
const COPIER = ["cat"];

/** What to look for in the output of a daemon. */
export interface NotifyOnlineOptions {
  /** An extended regular expression. */
  readonly regex: string;
  /** Where the output goes: 1 or 2. */
  readonly output: number;
  /** The daemon, as the supervisor knows it. */
  readonly pid: number;
  /** When to stop looking, on the monotonic clock in milliseconds; Infinity: never. */
  readonly deadline: number;
  /** Where warnings go. */
  readonly report: (message: string) => void;
}

/** Passes output on, piece by piece: the next is taken when the last has been written. */
class Passage {
  readonly #options: NotifyOnlineOptions;
  #warned = false;

  constructor(options: NotifyOnlineOptions) {
    this.#options = options;
  }

  /** Returns whether there is anybody who reads it. */
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

  /** The daemon would have met this error, and have gone on or not: it must not die of a broken pipe. */
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

/**
 * Once there is nothing left to look for, a smaller program does for copying. Not to a file: when the
 * disk is full it would end, and take the daemon with it. Returns where there is none such, and this
 * program has to go on.
 */
function becomeCopier(output: number): void {
  if (fstat(output).type === "file") return;
  replaceDescriptor(1, output);
  replaceDescriptor(0, HANDED.first);
  exec(COPIER);
}

/** Looks for a line until it has come, or will not come any more. */
class Search {
  readonly #options: NotifyOnlineOptions;
  readonly #matcher: LineMatcher;
  /** Whether it is over. */
  over = false;

  constructor(options: NotifyOnlineOptions) {
    this.#options = options;
    this.#matcher = new LineMatcher(new Pattern(options.regex, true));
  }

  #end(found: boolean): void {
    if (found) tellReady(HANDED.second, this.#options.pid);
    close(HANDED.second);
    this.over = true;
  }

  /** Waits for more output, but not longer than the search lasts. */
  wait(): void {
    const { deadline, report } = this.#options;
    while (deadline !== Infinity) {
      const left = deadline - monotonicClock();
      if (left > 0 && !waitReadable([HANDED.first], Math.min(left, 1 << 30))[0]) continue;
      if (left > 0) return;
      report("warning: the service is up, but not ready: no line has matched in time");
      return this.#end(false);
    }
  }

  /** Looks at a piece of output; undefined: at its end. */
  look(piece: Uint8Array | undefined): void {
    if (piece === undefined ? this.#matcher.end() : this.#matcher.feed(piece)) this.#end(true);
  }
}

/**
 * Passes the output of the daemon beside which this process runs on to where it would have gone, and
 * tells the supervisor of the first line that matches. Ends when nobody has that output open any more.
 *
 * The supervisor is told before the line is passed on: readiness does not wait for a logger that lags.
 *
 * @returns The exit code.
 */
export function notifyOnline(options: NotifyOnlineOptions): number {
  takeHanded(HANDED.first, HANDED.second);
  const search = new Search(options);
  const passage = new Passage(options);
  const buffer = new Uint8Array(PIECE);
  for (let copying = false;;) {
    if (!search.over) search.wait();
    if (search.over && !copying) {
      copying = true;
      // All that was read has been written: the other program finds the rest.
      becomeCopier(options.output);
    }
    const count = tryRead(HANDED.first, buffer);
    if (count <= 0) {
      if (!search.over) search.look(undefined);
      return 0;
    }
    const piece = buffer.subarray(0, count);
    if (!search.over) search.look(piece);
    if (!passage.write(piece)) return 0;
  }
}
