/**
 * The journal of a service's output: what was read and not written yet. It keeps each line, once, when
 * the process that reads and writes is killed at any instant:
 *
 * - The kernel moves bytes from the FIFO to the end of the journal, in one call.
 * - Before lines are written, the head of the journal says which, into which file, and at which place of
 *   it. So a later process can tell how far the write has come ({@linkcode Journal.unfinished}).
 * - What the head calls written is written. Only then is it cut away.
 *
 * @module
 */

import { close, Open, open } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { readAt, spliceToEnd, truncate, tryWriteAt } from "../../os/journal_file.ts";
import { lockingProcess, tryProcessLock } from "../../os/lock.ts";
import { effectiveUserId } from "../../os/credentials.ts";
import { Errno, SystemError } from "../../os/system_error.ts";
import type { Instant } from "../../tai/tai64n.ts";
import {
  JOURNAL_HEAD_BYTES,
  type JournalHead,
  type Obstacle,
  packHead,
  unpackHead,
} from "./journal_head.ts";

/** How large a journal may become before what is written is cut away, though more comes all the time. */
const LARGE = 1 << 20;

/** Up to this size an idle journal is left as it is: a page of memory, where it is in memory. */
const SMALL = 4096;

/** A write that is about to be made. */
export interface Write {
  /** How many of the pending bytes are written. */
  readonly length: number;
  /** When they were read. */
  readonly instant: Instant;
  /** How they are written. */
  readonly format: string;
  /** The inode of the file. */
  readonly inode: string;
  /** The size of the file before the write. */
  readonly position: number;
}

/** Another process has the journal. */
export class JournalInUseError extends Error {
  /** @param pid The process; undefined where it can't be told. */
  constructor(readonly pid: number | undefined) {
    super(`another log process has it${pid === undefined ? "" : `: process ${pid}`}`);
  }
}

/** The journal of one service. */
export class Journal {
  readonly #fd: number;
  #head: JournalHead;
  #size: number;
  #pending: Uint8Array<ArrayBuffer>;
  /** Whether the head in the file names a write that is done, or an obstacle. */
  #unsettled = false;

  /**
   * Opens the journal, or makes it, and locks it for this process.
   *
   * @param at The directory, open.
   * @param path Its path there.
   * @throws {JournalInUseError} where another process has it.
   */
  constructor(at: number, path: string) {
    const flags = Open.READ_WRITE | Open.CREATE | Open.NOFOLLOW | Open.NONBLOCK;
    this.#fd = open(at, path, flags, 0o600);
    try {
      const { type, uid } = fstat(this.#fd);
      if (type !== "file" || uid !== effectiveUserId()) {
        throw new Error(`${path} is not a file of user ${effectiveUserId()}; remove it`);
      }
      if (!tryProcessLock(this.#fd, path, "exclusive")) {
        throw new JournalInUseError(lockingProcess(this.#fd, path));
      }
      // Before, another process may still have added to it.
      const { size } = fstat(this.#fd);
      const bytes = new Uint8Array(JOURNAL_HEAD_BYTES);
      const length = readAt(this.#fd, bytes, 0);
      const head = unpackHead(bytes.subarray(0, length));
      this.#size = Math.max(head?.length ?? size, JOURNAL_HEAD_BYTES);
      if (this.#size < size) truncate(this.#fd, this.#size);
      if (head === undefined || head.upto > this.#size) {
        // A new file, or one that a crash of the machine has left incomplete.
        this.#head = { done: JOURNAL_HEAD_BYTES, upto: JOURNAL_HEAD_BYTES };
        truncate(this.#fd, JOURNAL_HEAD_BYTES);
        this.#size = JOURNAL_HEAD_BYTES;
        this.#writeHead();
      } else {
        const { length: _length, ...rest } = head;
        this.#head = rest;
        this.#writeHead();
      }
      this.#pending = this.#read(this.#head.done);
    } catch (error) {
      close(this.#fd);
      throw error;
    }
  }

  #read(from: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#size - from);
    return bytes.subarray(0, readAt(this.#fd, bytes, from));
  }

  #writeHead(): void {
    const count = tryWriteAt(this.#fd, packHead(this.#head), 0);
    this.#unsettled = this.#head.upto > this.#head.done || this.#head.obstacle !== undefined;
    if (count !== JOURNAL_HEAD_BYTES) {
      throw new SystemError("write the head of a journal", count < 0 ? -count : Errno.ENOSPC);
    }
  }

  /** What was read and is not written yet. */
  get pending(): Uint8Array<ArrayBuffer> {
    return this.#pending;
  }

  /** The write that a killed process has begun; undefined where there is none. */
  get unfinished(): Write | undefined {
    const { done, upto, write } = this.#head;
    return write && upto > done ? { ...write, length: upto - done } : undefined;
  }

  /**
   * Reads from the FIFO.
   *
   * @returns The number of bytes; 0 where the FIFO is empty and has no writer; or the errno as a negative
   *   number.
   */
  fill(fifo: number, limit: number): number {
    const count = spliceToEnd(fifo, this.#fd, limit);
    if (count <= 0) return count;
    const before = this.#pending.length;
    const bytes = new Uint8Array(before + count);
    bytes.set(this.#pending);
    readAt(this.#fd, bytes.subarray(before), this.#size);
    this.#pending = bytes;
    this.#size += count;
    return count;
  }

  /** Notes a write before it is made, and before each further try. */
  begin({ length, ...write }: Write): void {
    const { done, obstacle } = this.#head;
    this.#head = { done, upto: done + length, write, ...obstacle && { obstacle } };
    this.#writeHead();
  }

  /** Notes why the write, or the next one, can't be made at present. */
  noteObstacle(since: Instant, reason: string): void {
    this.#head = { ...this.#head, obstacle: { since, reason } };
    this.#writeHead();
  }

  /**
   * Takes the lines of the last write from the pending ones. The head says so at the next write.
   *
   * @param written How many bytes were added to the file.
   */
  end(written: number): void {
    const { done, upto, write } = this.#head;
    this.#pending = this.#pending.subarray(upto - done);
    this.#unsettled = true;
    this.#head = {
      done: upto,
      upto,
      ...write && { write: { ...write, position: write.position + written } },
    };
  }

  /** The inode of the file that was written to last; undefined where it is not known. */
  get lastInode(): string | undefined {
    return this.#head.write?.inode;
  }

  /** Why lines can't be written at present, as noted last. */
  get obstacle(): Obstacle | undefined {
    return this.#head.obstacle;
  }

  /** Notes that all that was begun is written, and cuts it away where it is much. */
  settle(): void {
    if (!this.#unsettled) return;
    this.#unsettled = false;
    const { obstacle: _overcome, ...head } = this.#head;
    this.#head = head;
    this.#writeHead();
    if (this.#size > LARGE || (this.#pending.length === 0 && this.#size > SMALL)) this.#cut();
    // A short rest must not keep a large buffer.
    this.#pending = this.#pending.slice();
  }

  /**
   * Cuts away what is written. The rest, part of a line, comes to the beginning: while it is in two
   * places, the head means the second one.
   */
  #cut(): void {
    const rest = this.#pending;
    const { write } = this.#head;
    const beginning = {
      done: JOURNAL_HEAD_BYTES,
      upto: JOURNAL_HEAD_BYTES,
      ...write && { write },
    };
    if (rest.length > 0) {
      if (JOURNAL_HEAD_BYTES + rest.length > this.#head.done) return;
      const count = tryWriteAt(this.#fd, rest, JOURNAL_HEAD_BYTES);
      if (count !== rest.length) return;
    }
    this.#size = JOURNAL_HEAD_BYTES + rest.length;
    this.#head = { ...beginning, length: this.#size };
    this.#writeHead();
    truncate(this.#fd, this.#size);
    this.#head = beginning;
    this.#writeHead();
  }

  [Symbol.dispose](): void {
    close(this.#fd);
  }
}
