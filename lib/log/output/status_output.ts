import { CWD, replaceFile } from "../../os/file.ts";
import { reasonOf } from "../../os/system_error.ts";
import type { Output, OutputHost } from "./output.ts";

const NEWLINE = 10;

/** A file that holds the last selected line. Of lines that were read together only the last is written. */
export class StatusOutput implements Output {
  readonly pausing = false;
  readonly waiting = 0;
  readonly #file: string;
  readonly #size: number;
  readonly #host: OutputHost;
  #content: Uint8Array<ArrayBuffer> | undefined;

  /**
   * @param file The file's path.
   * @param size How many bytes it always has; 0: as many as the line.
   * @param host What it needs of the logger.
   */
  constructor(file: string, size: number, host: OutputHost) {
    this.#file = file;
    this.#size = size;
    this.#host = host;
  }

  take(
    head: readonly Uint8Array[],
    bytes: Uint8Array<ArrayBuffer>,
    from: number,
    to: number,
  ): void {
    const headLength = head.reduce((sum, part) => sum + part.length, 0);
    const length = headLength + to - from + 1;
    const content = new Uint8Array(Math.max(length, this.#size)).fill(NEWLINE);
    let at = 0;
    for (const part of [...head, bytes.subarray(from, to)]) {
      content.set(part, at);
      at += part.length;
    }
    this.#content = this.#size === 0 ? content : content.subarray(0, this.#size);
  }

  flush(): void {
    if (this.#content === undefined) return;
    try {
      replaceFile(CWD, this.#file, `${this.#file}.new`, this.#content);
    } catch (error) {
      this.#host.report(`status file ${this.#file}: ${reasonOf(error)}`);
    }
    this.#content = undefined;
  }

  rotate(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
