import { hasByte } from "../../os/find_byte.ts";

const NEWLINE = 10;
const NUL = 0;

/** As much as s6-log reads at once: a logger that is killed loses no more than what it has just read. */
export const PIECE = 8192;

/**
 * Bytes as they are read, and the lines in them. A line ends with a newline or, as for s6-log, a NUL; one
 * that is longer than the limit becomes several.
 *
 * A line is described by {@linkcode from} and {@linkcode to}, valid until the next call: no object is
 * made for it.
 */
export class LineBuffer {
  readonly #limit: number;
  /** With room for one more byte behind those that were read: a newline, at which searches end. */
  #bytes: Uint8Array<ArrayBuffer>;
  #begin = 0;
  #end = 0;
  /** Before this there is no end of the line that begins at #begin. */
  #searched = 0;
  /** Whether the bytes have a NUL. */
  #hasNul = false;
  #from = 0;
  #to = 0;

  /** @param limit How many bytes a line may have; 0: any number. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(PIECE + limit + 1);
  }

  /** What the lines are in. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Where the line begins that {@linkcode next} has found. */
  get from(): number {
    return this.#from;
  }

  /** Where it ends; its newline is not counted. */
  get to(): number {
    return this.#to;
  }

  /** Whether a line has begun, and its end has not come yet. */
  get partial(): boolean {
    return this.#begin < this.#end;
  }

  /**
   * Reads into the buffer, after all lines were taken.
   *
   * @param read Reads into the bytes given; returns how many, or another number below 1.
   * @param most How many bytes to read at most.
   * @returns What `read` has returned.
   */
  fill(read: (room: Uint8Array<ArrayBuffer>) => number, most: number = PIECE): number {
    this.#makeRoom(most);
    const count = read(this.#bytes.subarray(this.#end, this.#end + most));
    if (count <= 0) return count;
    const added = this.#bytes.subarray(this.#end, this.#end + count);
    this.#hasNul = hasByte(added, NUL, count);
    this.#end += count;
    this.#bytes[this.#end] = NEWLINE;
    return count;
  }

  /** Finds the next line. Returns false where no whole line is left. */
  next(): boolean {
    if (this.#begin >= this.#end) return false;
    const end = this.#findEnd();
    if (this.#limit > 0 && end - this.#begin > this.#limit) {
      this.#from = this.#begin;
      this.#to = this.#begin += this.#limit;
      return true;
    }
    if (end >= this.#end) return false;
    this.#from = this.#begin;
    this.#to = end;
    this.#begin = this.#searched = end + 1;
    return true;
  }

  /** Takes the line that has begun as if it had ended. Returns false where none has begun. */
  takePartial(): boolean {
    if (!this.partial) return false;
    this.#from = this.#begin;
    this.#to = this.#begin = this.#searched = this.#end;
    return true;
  }

  /** Returns where the next newline or NUL is, or else the end of all bytes. */
  #findEnd(): number {
    const bytes = this.#bytes;
    // A line that is cut into several is searched once.
    const known = this.#searched > this.#begin && this.#searched < this.#end &&
      (bytes[this.#searched] === NEWLINE || bytes[this.#searched] === NUL);
    if (known) return this.#searched;
    const start = Math.max(this.#searched, this.#begin);
    let end = bytes.indexOf(NEWLINE, start);
    if (this.#hasNul) {
      const nul = bytes.subarray(start, end).indexOf(NUL);
      if (nul >= 0) end = start + nul;
    }
    this.#searched = end;
    return end;
  }

  #makeRoom(most: number): void {
    const length = this.#end - this.#begin;
    if (length === 0) this.#begin = this.#end = this.#searched = 0;
    if (this.#end + most < this.#bytes.length) return;
    const searched = Math.max(this.#searched - this.#begin, 0);
    if (length + most < this.#bytes.length) this.#bytes.copyWithin(0, this.#begin, this.#end);
    else {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes.subarray(this.#begin, this.#end));
      this.#bytes = larger;
    }
    this.#begin = 0;
    this.#end = length;
    this.#searched = searched;
  }
}
