/**
 * Copies of status files in one file: a scan that is `sv`'s keeps it, and a program that asks for hundreds of
 * services reads it once, instead of the lock and the status of each. Not in s6.
 *
 * The scan has the file locked for as long as it runs, so what a killed one has left is not believed. The file
 * is a row of slots. A slot names the lock file of a service by device and inode, and that the scan holds this
 * lock; so a service directory belongs to a slot exactly where its lock file does, whatever its name is.
 * A reader may see half of what is being written: each slot ends with a check sum.
 *
 * @module
 */

import { Descriptor, Open, tryOpen, tryRead } from "../os/file.ts";
import { fstat, IDENTITY_WORDS, identityAt } from "../os/file_status.ts";
import { isLocked } from "../os/lock.ts";
import { cString } from "../os/os_string.ts";
import { ScanPath, SupervisePath } from "./protocol.ts";
import { type ServiceStatus, statusAt } from "./status.ts";

/** How many bytes a slot has. */
export const SLOT_BYTES = 64;

const SLOT_WORDS = SLOT_BYTES / 4;
const STATUS_AT = 4 * IDENTITY_WORDS;
const SUM_WORD = SLOT_WORDS - 1;
/** What a check sum begins with: that of an empty slot is not 0. */
const SEED = 0x5eed;

/** What the first slot begins with, which is no copy. Another version's copies may look different. */
const FIRST = "sv statuses 1\n";

/** More than this is not read: a scan has less than a million services. */
const MOST_BYTES = 1 << 26;

const COPIES = cString(ScanPath.statuses);
const LOCK = cString(SupervisePath.lock);

/**
 * Returns the check sum of the slot that begins at a word: a sum of what changes in a status, and of the inode
 * that it belongs to, each word with an odd factor of its own. No loop, for a reader of a thousand slots hardly
 * runs long enough to have one compiled.
 */
function sumOf(words: Int32Array, at: number): number {
  const stamp = words[at + 5]! * 3 + words[at + 6]! * 5;
  const readyStamp = words[at + 8]! * 7 + words[at + 9]! * 11;
  const others = words[at + 3]! * 19 + words[at + 11]! * 13 + words[at + 12]! * 17;
  return (SEED + stamp + readyStamp + others) | 0;
}

/** Returns the slot that the file begins with. */
export function firstSlot(): Uint8Array<ArrayBuffer> {
  const slot = new Uint8Array(SLOT_BYTES);
  new TextEncoder().encodeInto(FIRST, slot);
  return slot;
}

/** The bytes of a slot, changed in place for as long as a service has it. */
export class Slot {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(SLOT_BYTES);
  readonly #words = new Int32Array(this.bytes.buffer);

  /** @param lock Device and inode of the service's lock file. */
  constructor(lock: Int32Array) {
    this.#words.set(lock);
  }

  /** Puts a status into it, as its file has it. */
  update(status: Uint8Array): void {
    this.bytes.set(status, STATUS_AT);
    this.#words[SUM_WORD] = sumOf(this.#words, 0);
  }
}

/** The copies, as they were when they were read. */
export class StatusCopies {
  readonly #words: Int32Array;
  readonly #view: DataView;
  /** For the last 32 bits of the inode of a lock file: the word its slot begins with. */
  readonly #slots = new Map<number, number>();

  private constructor(bytes: Uint8Array<ArrayBuffer>, count: number) {
    this.#words = new Int32Array(bytes.buffer);
    this.#view = new DataView(bytes.buffer);
    const last = count / 4 - SLOT_WORDS;
    for (let at = SLOT_WORDS; at <= last; at += SLOT_WORDS) {
      this.#slots.set(this.#words[at + IDENTITY_WORDS - 1]!, at);
    }
  }

  /**
   * Reads the copies of the scan that runs on a scan directory.
   *
   * @param directory The scan directory, open.
   * @returns undefined where none runs there that has some, or this user may not read them.
   */
  static read(directory: number): StatusCopies | undefined {
    const fd = tryOpen(directory, COPIES, Open.READ | Open.NONBLOCK);
    if (fd < 0) return undefined;
    using file = new Descriptor(fd);
    try {
      const { size } = fstat(file.fd);
      if (size < SLOT_BYTES || size > MOST_BYTES) return undefined;
      const bytes = new Uint8Array(size - size % SLOT_BYTES);
      const count = tryRead(file.fd, bytes);
      // The lock is looked at last: what was read before was kept by the scan that has it.
      const isKept = firstSlot().every((byte, index) => byte === bytes[index]) &&
        isLocked(file.fd, ScanPath.statuses);
      return isKept ? new StatusCopies(bytes, count) : undefined;
    } catch {
      // A copy of the directory, say, where there are no locks.
      return undefined;
    }
  }

  /**
   * Returns the status of a service.
   *
   * @param directory The service directory, open.
   * @returns undefined where its own files have to be asked.
   */
  statusOf(directory: number): ServiceStatus | undefined {
    const lock = identityAt(directory, LOCK);
    const at = lock && this.#slots.get(lock[IDENTITY_WORDS - 1]!);
    if (at === undefined) return undefined;
    const words = this.#words;
    return words[at] === lock![0] && words[at + 1] === lock![1] && words[at + 2] === lock![2] &&
        words[at + SUM_WORD] === sumOf(words, at)
      ? statusAt(this.#view, 4 * at + STATUS_AT)
      : undefined;
  }
}
