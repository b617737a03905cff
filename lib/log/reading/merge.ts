/**
 * The lines of several logs as one, in the order of their times. Each log keeps its own order.
 *
 * @module
 */

import type { LogLine } from "./log_line.ts";

/** A line, and the log that it is of. */
export interface MergedLine<Log> {
  readonly log: Log;
  readonly line: LogLine;
}

/** A log, and its lines in one direction. */
export interface MergeSource<Log> {
  readonly log: Log;
  readonly lines: AsyncIterator<LogLine[]>;
}

/** The next line of a log. */
class Head<Log> {
  #batch: LogLine[] = [];
  #at = 0;

  constructor(readonly source: MergeSource<Log>, readonly index: number) {}

  get line(): LogLine {
    return this.#batch[this.#at]!;
  }

  /** Goes on to the next line. Returns whether it is at hand already. */
  step(): boolean {
    return ++this.#at < this.#batch.length;
  }

  /** Reads more lines. Returns whether there are any. */
  async fill(): Promise<boolean> {
    for (;;) {
      const { done, value } = await this.source.lines.next();
      if (done) return false;
      if (value.length === 0) continue;
      this.#batch = value;
      this.#at = 0;
      return true;
    }
  }
}

/**
 * Merges lines.
 *
 * @param sources The logs.
 * @param backward Whether the youngest line comes first, in the sources as in the result.
 */
export async function* merge<Log>(
  sources: readonly MergeSource<Log>[],
  backward = false,
): AsyncGenerator<MergedLine<Log>> {
  /** A binary heap: the first is the next one. */
  const heap: Head<Log>[] = [];
  const isBefore = (one: Head<Log>, other: Head<Log>) => {
    const [a, b] = [one.line.order, other.line.order];
    if (a !== b) return backward ? a > b : a < b;
    return backward ? one.index > other.index : one.index < other.index;
  };
  const sink = (at: number) => {
    for (;;) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && isBefore(heap[child]!, heap[first]!)) first = child;
      }
      if (first === at) return;
      [heap[at], heap[first]] = [heap[first]!, heap[at]!];
      at = first;
    }
  };
  try {
    for (const [index, source] of sources.entries()) {
      const head = new Head(source, index);
      if (await head.fill()) heap.push(head);
    }
    for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(at);
    while (heap.length > 0) {
      const head = heap[0]!;
      yield { log: head.source.log, line: head.line };
      if (!head.step() && !await head.fill()) {
        const last = heap.pop()!;
        if (heap.length === 0) return;
        if (last !== head) heap[0] = last;
      }
      sink(0);
    }
  } finally {
    for (const { lines } of sources) await lines.return?.();
  }
}

/** Returns the last lines of several logs, the oldest first. */
export async function lastLines<Log>(
  sources: readonly MergeSource<Log>[],
  most: number,
): Promise<MergedLine<Log>[]> {
  const last: MergedLine<Log>[] = [];
  if (most === 0) return last;
  for await (const line of merge(sources, true)) {
    if (last.push(line) === most) break;
  }
  return last.reverse();
}
