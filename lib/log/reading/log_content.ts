import { close, CWD, Open, open, seek, tryRead } from "../../os/file.ts";
import { fstat, modifiedAt } from "../../os/file_status.ts";
import { SystemError } from "../../os/system_error.ts";
import type { Instant } from "../../tai/tai64n.ts";

/** The content of a log file. */
export interface LogContent extends Disposable {
  /** How many bytes it has, or had when it was opened. */
  readonly size: number;
  /** When something was written to it last. */
  readonly modified: Instant;
  /** Returns the bytes from a place to another; fewer where it ends before. */
  read(from: number, to: number): Uint8Array<ArrayBuffer>;
}

/** A file as it is. */
export class PlainContent implements LogContent {
  readonly size: number;
  readonly #path: string;

  /**
   * @param fd Its descriptor, which is closed in the end.
   * @param path Its path, for errors.
   */
  constructor(readonly fd: number, path: string) {
    this.#path = path;
    this.size = fstat(fd).size;
  }

  /** Opens a file. Never waits for a FIFO, and follows no link. */
  static open(path: string, at: number = CWD): PlainContent {
    const fd = open(at, path, Open.READ | Open.NONBLOCK | Open.NOFOLLOW);
    return new PlainContent(fd, path);
  }

  get modified(): Instant {
    return modifiedAt(this.fd);
  }

  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(Math.max(to - from, 0));
    if (bytes.length === 0) return bytes;
    seek(this.fd, from);
    let length = 0;
    while (length < bytes.length) {
      const count = tryRead(this.fd, bytes.subarray(length));
      if (count < 0) throw new SystemError(`read ${this.#path}`, -count);
      if (count === 0) break;
      length += count;
    }
    return bytes.subarray(0, length);
  }

  [Symbol.dispose](): void {
    close(this.fd);
  }
}

/** What was unpacked. */
class UnpackedContent implements LogContent {
  readonly size: number;

  constructor(readonly bytes: Uint8Array<ArrayBuffer>, readonly modified: Instant) {
    this.size = bytes.length;
  }

  read(from: number, to: number): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(from, to);
  }

  [Symbol.dispose](): void {}
}

/** The first bytes of compressed files, and the program that unpacks them. */
const FORMATS: readonly (readonly [program: string, bytes: readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
];

/** Returns the program that unpacks a file; undefined where it is not compressed. */
export function compressionOf(content: LogContent): string | undefined {
  const head = content.read(0, 6);
  return FORMATS.find(([, bytes]) => bytes.every((byte, index) => head[index] === byte))?.[0];
}

/** A file is compressed in a way that is not known here, or is damaged. */
export class UnreadableError extends Error {}

/**
 * Returns the content of a file, unpacked where it is compressed by gzip.
 *
 * @throws {UnreadableError} where it can't be unpacked.
 */
export async function unpack(content: PlainContent, path: string): Promise<LogContent> {
  const program = compressionOf(content);
  if (program === undefined) return content;
  using packed = content;
  const { modified } = packed;
  if (program !== "gzip") {
    throw new UnreadableError(
      `${path} is left out: it is compressed; see it with \`${program} -dc ${path}\``,
    );
  }
  try {
    const packedBytes = packed.read(0, packed.size);
    const stream = new Blob([packedBytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new UnpackedContent(new Uint8Array(await new Response(stream).arrayBuffer()), modified);
  } catch {
    throw new UnreadableError(
      `${path} is left out: its compressed data is damaged; see what \`gzip -dc ${path}\` makes of it`,
    );
  }
}
