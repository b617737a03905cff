const INITIAL = 131_072;
const NEWLINE = 10;

/** Bytes that wait to be written: added at the end, removed at the start. */
export class PendingBytes {
  #bytes = new Uint8Array(INITIAL);
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** The bytes, the first {@linkcode length} of which count; valid until others are added. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Makes room for further bytes, which are then added by {@linkcode put}. */
  reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }

  /** Adds bytes; room for them is reserved. */
  put(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Adds one byte; room for it is reserved. */
  putByte(byte: number): void {
    this.#bytes[this.#length++] = byte;
  }

  /**
   * Adds a line, as an output takes it.
   *
   * @param head Stamps and prefix.
   * @param bytes What the line is in.
   * @param from Where it begins.
   * @param to Where it ends; a newline is added.
   */
  putLine(
    head: readonly Uint8Array[],
    bytes: Uint8Array<ArrayBuffer>,
    from: number,
    to: number,
  ): void {
    let length = to - from + 1;
    for (const part of head) length += part.length;
    this.reserve(length);
    for (const part of head) this.put(part);
    this.put(bytes.subarray(from, to));
    this.putByte(NEWLINE);
  }

  /** Removes the first bytes. */
  drop(count: number): void {
    if (count > 0 && count < this.#length) this.#bytes.copyWithin(0, count, this.#length);
    this.#length -= count;
    if (this.#length === 0 && this.#bytes.length > 16 * INITIAL) {
      this.#bytes = new Uint8Array(INITIAL);
    }
  }
}
