import { writeAll } from "../../os/file.ts";
import { encodeOs } from "../../os/os_string.ts";
import type { Output, OutputHost } from "./output.ts";
import { PendingBytes } from "./pending_bytes.ts";

const STDERR = 2;
const CUT = encodeOs("...");
const NEWLINE = 10;

/** Alerts: the beginnings of lines, on standard error. */
export class AlertOutput implements Output {
  readonly pausing = false;
  readonly waiting = 0;
  readonly #pending = new PendingBytes();
  readonly #intro: Uint8Array;
  readonly #limit: number;

  /**
   * @param limit How many bytes of a line are shown; 0: all.
   * @param host What it needs of the logger.
   */
  constructor(limit: number, host: OutputHost) {
    this.#limit = limit;
    this.#intro = encodeOs(`${host.name}: alert: `);
  }

  take(
    head: readonly Uint8Array[],
    bytes: Uint8Array<ArrayBuffer>,
    from: number,
    to: number,
  ): void {
    const pending = this.#pending;
    // A line that is hardly longer is shown whole: the dots would take its place.
    const cut = this.#limit > 0 && this.#limit + CUT.length < to - from;
    const shown = bytes.subarray(from, cut ? from + this.#limit : to);
    const headLength = head.reduce((sum, part) => sum + part.length, 0);
    pending.reserve(this.#intro.length + headLength + shown.length + CUT.length + 1);
    pending.put(this.#intro);
    for (const part of head) pending.put(part);
    pending.put(shown);
    if (cut) pending.put(CUT);
    pending.putByte(NEWLINE);
  }

  /** Waits for the reader of standard error, as s6-log does: an alert must not be lost. */
  flush(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    try {
      writeAll(STDERR, pending.bytes.subarray(0, pending.length), "to standard error");
    } catch {
      // Standard error is closed, and there is no other place for alerts.
    }
    pending.drop(pending.length);
  }

  rotate(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}
