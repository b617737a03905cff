/**
 * Programs that read lines, change them, and write them. What was written before a read is passed on before
 * the next one, so that a line comes out at once where no other follows, and many lines in one write where
 * they come fast.
 *
 * @module
 */

import { waitReadable, waitWritable } from "../../os/descriptor.ts";
import { endByBrokenPipe } from "../../os/end_by_broken_pipe.ts";
import { tryRead, tryWrite } from "../../os/file.ts";
import { Errno, SystemError } from "../../os/system_error.ts";

const NEWLINE = 10;
const CHUNK_BYTES = 65_536;

/** Collects bytes, and writes them to a descriptor many at a time. */
export class OutputBuffer {
  readonly #fd: number;
  readonly #buffer = new Uint8Array(2 * CHUNK_BYTES);
  #length = 0;

  /** @param fd The descriptor, which may block. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Adds bytes. */
  add(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#buffer.length) {
      this.flush();
      if (bytes.length > this.#buffer.length) {
        this.#write(bytes.slice());
        return;
      }
    }
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Writes what was added. A reader that is gone ends this process, as SIGPIPE does. */
  flush(): void {
    const length = this.#length;
    this.#length = 0;
    this.#write(this.#buffer.subarray(0, length));
  }

  #write(bytes: Uint8Array<ArrayBuffer>): void {
    for (let at = 0; at < bytes.length;) {
      const count = tryWrite(this.#fd, bytes.subarray(at));
      if (count > 0) at += count;
      else if (count === -Errno.EPIPE) endByBrokenPipe();
      else if (count === -Errno.EAGAIN) waitWritable(this.#fd);
      else throw new SystemError("write to standard output", -count || Errno.EIO);
    }
  }
}

/** Changes lines. */
export interface LineFilter {
  /**
   * Adds lines to the output as they are to be.
   *
   * @param lines Lines that are whole, with their newlines.
   */
  change(lines: Uint8Array, output: OutputBuffer): void;
  /** Adds a last line, which has no newline. */
  changeLast(line: Uint8Array, output: OutputBuffer): void;
}

/** Reads standard input to its end, and writes its lines, changed, to standard output. */
export function filterLines(filter: LineFilter): void {
  const output = new OutputBuffer(1);
  let buffer = new Uint8Array(CHUNK_BYTES);
  let kept = 0;
  for (;;) {
    const count = tryRead(0, buffer.subarray(kept));
    if (count === -Errno.EAGAIN) {
      waitReadable([0], Infinity);
      continue;
    }
    if (count < 0) throw new SystemError("read standard input", -count);
    if (count === 0) break;
    const length = kept + count;
    // Nothing before these bytes has a newline.
    const last = buffer.subarray(kept, length).lastIndexOf(NEWLINE);
    if (last < 0) {
      kept = length;
      if (kept === buffer.length) {
        const larger = new Uint8Array(2 * buffer.length);
        larger.set(buffer);
        buffer = larger;
      }
      continue;
    }
    const end = kept + last + 1;
    filter.change(buffer.subarray(0, end), output);
    output.flush();
    buffer.copyWithin(0, end, length);
    kept = length - end;
  }
  if (kept > 0) filter.changeLast(buffer.subarray(0, kept), output);
  output.flush();
}
