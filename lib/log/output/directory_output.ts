import { LogDirectory } from "../directory/log_directory.ts";
import type { LogDirectorySettings } from "../directory/settings.ts";
import type { Output, OutputHost } from "./output.ts";
import { PendingBytes } from "./pending_bytes.ts";

/** Lines that go to a log directory. */
export class DirectoryOutput implements Output {
  readonly #directory: LogDirectory;
  readonly #pending = new PendingBytes();

  /**
   * Opens the directory.
   *
   * @param path Its path.
   * @param settings How it is kept.
   * @param host What it needs of the logger.
   */
  constructor(path: string, settings: LogDirectorySettings, host: OutputHost) {
    this.#directory = LogDirectory.open(path, settings, host);
  }

  get waiting(): number {
    return this.#pending.length;
  }

  get pausing(): boolean {
    return this.#directory.pausing && this.waiting > 0;
  }

  take(
    head: readonly Uint8Array[],
    bytes: Uint8Array<ArrayBuffer>,
    from: number,
    to: number,
  ): void {
    this.#pending.putLine(head, bytes, from, to);
  }

  flush(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    pending.drop(this.#directory.write(pending.bytes, 0, pending.length));
  }

  rotate(): void {
    this.#directory.rotate();
  }

  async close(): Promise<void> {
    await this.#directory.close();
  }
}
