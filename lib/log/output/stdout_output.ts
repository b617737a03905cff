import { setNonblocking } from "../../os/descriptor.ts";
import { tryWrite } from "../../os/file.ts";
import { fstat } from "../../os/file_status.ts";
import { Priority, reactor } from "../../os/reactor.ts";
import { Errno, errnoMessage } from "../../os/system_error.ts";
import type { Output, OutputHost } from "./output.ts";
import { PendingBytes } from "./pending_bytes.ts";

const STDOUT = 1;

/** Lines that go to standard output. Once its reader is gone they go nowhere. */
export class StdoutOutput implements Output {
  readonly pausing = false;
  readonly #pending = new PendingBytes();
  readonly #host: OutputHost;
  /** Whether standard output was made non-blocking, which other processes see, too. */
  readonly #nonblocking: boolean;
  #open = true;
  #watching = false;

  /** @param host What it needs of the logger. */
  constructor(host: OutputHost) {
    this.#host = host;
    const { type } = fstat(STDOUT);
    this.#nonblocking = type === "fifo" || type === "socket";
    if (this.#nonblocking) setNonblocking(STDOUT, true);
  }

  get waiting(): number {
    return this.#pending.length;
  }

  take(
    head: readonly Uint8Array[],
    bytes: Uint8Array<ArrayBuffer>,
    from: number,
    to: number,
  ): void {
    if (!this.#open) return;
    this.#pending.putLine(head, bytes, from, to);
  }

  flush(): void {
    const pending = this.#pending;
    while (pending.length > 0 && !this.#watching) {
      const count = tryWrite(STDOUT, pending.bytes.subarray(0, pending.length));
      if (count > 0) pending.drop(count);
      else if (count === -Errno.EAGAIN) this.#watch();
      else {
        this.#host.report(
          `cannot write to standard output: ${
            errnoMessage(-count || Errno.EIO)
          }; lines for it are lost from now on`,
        );
        this.#open = false;
        pending.drop(pending.length);
      }
    }
  }

  rotate(): void {}

  close(): Promise<void> {
    if (this.#nonblocking) setNonblocking(STDOUT, false);
    return Promise.resolve();
  }

  #watch(): void {
    this.#watching = true;
    reactor().watch(STDOUT, Priority.Ordinary, () => {
      reactor().unwatch(STDOUT);
      this.#watching = false;
      this.#host.onWritable();
    }, "write");
  }
}
