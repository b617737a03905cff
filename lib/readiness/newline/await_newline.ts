import { tryRead } from "../../os/file.ts";
import { Errno } from "../../os/system_error.ts";
import { NEWLINE } from "../../servicedir/protocol.ts";
import type { Source, Wait } from "../../waiting/wait.ts";
import { waitBlocking } from "../../waiting/wait_blocking.ts";

/** A pipe on which a newline is awaited: both the source and the wait. */
export class NewlinePipe implements Source, Wait {
  readonly fd: number;
  readonly #buffer = new Uint8Array(4096);
  /** What has come, if anything that ends the wait. */
  came: "newline" | "closed" | undefined;
  /** Whether anything was written. */
  written = false;

  /**
   * Awaits a newline.
   *
   * @param fd The pipe's reading end, which nothing else reads.
   */
  constructor(fd: number) {
    this.fd = fd;
  }

  /** Takes what has come. */
  read(): Uint8Array<ArrayBuffer> {
    const count = tryRead(this.fd, this.#buffer);
    if (count === 0 || (count < 0 && count !== -Errno.EAGAIN)) this.came = "closed";
    if (count > 0) this.written = true;
    return this.#buffer.subarray(0, Math.max(count, 0));
  }

  /** Looks for the newline in what has come. */
  receive(_index: number, bytes: Uint8Array): void {
    if (bytes.includes(NEWLINE)) this.came = "newline";
  }

  /** Whether a newline has come, or can't come any more. */
  get done(): boolean {
    return this.came !== undefined;
  }
}

/**
 * Waits for a newline on a pipe; everything else in this program stands still meanwhile.
 *
 * @param fd The pipe's reading end, which nothing else reads.
 * @param deadline When to give up, on the monotonic clock in milliseconds; Infinity: never.
 * @returns What came first: a newline, the end of the pipe or the deadline.
 */
export function awaitNewline(fd: number, deadline: number): "newline" | "closed" | "late" {
  const pipe = new NewlinePipe(fd);
  return waitBlocking([pipe], pipe, deadline) ? pipe.came! : "late";
}
