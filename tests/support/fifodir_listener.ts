import { run } from "./run.ts";
import { within } from "./within.ts";

/**
 * A listener of a fifodir, made of `mkfifo` and `cat`: it shares no code with what it tests.
 */
export class FifodirListener implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #fifo: string;
  #heard = "";

  private constructor(child: Deno.ChildProcess, fifo: string) {
    this.#child = child;
    this.#fifo = fifo;
    this.#reader = child.stdout.getReader();
  }

  /**
   * Subscribes to a fifodir, making it if it doesn't exist.
   *
   * @param directory The fifodir.
   * @returns The listener, for `await using`; it gets every event from now on.
   */
  static async subscribe(directory: string): Promise<FifodirListener> {
    await Deno.mkdir(directory).then(() => Deno.chmod(directory, 0o3730)).catch((error) => {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    });
    const random = crypto.randomUUID().slice(0, 6);
    const fifo = `${directory}/ftrig1:@400000006000000000000000:${random}`;
    const hidden = `${directory}/.${random}`;
    await run(["mkfifo", "-m", "622", hidden]);
    const child = new Deno.Command("sh", {
      // The FIFO gets the name by which notifiers find it only when both ends are open.
      args: ["-c", 'exec 3<>"$0" && mv "$0" "$1" && echo && exec cat <&3', hidden, fifo],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const listener = new FifodirListener(child, fifo);
    await listener.until("\n");
    listener.#heard = "";
    return listener;
  }

  /**
   * Reads events up to and including the first one of a kind.
   *
   * @param event The event, one character.
   * @returns The events since the last call, in order.
   */
  async until(event: string): Promise<string> {
    while (!this.#heard.includes(event)) {
      const { value } = await within(
        this.#reader.read(),
        `event ${event} in ${this.#fifo} (heard: "${this.#heard}")`,
      );
      if (value === undefined) throw new Error(`The listener of ${this.#fifo} has died`);
      this.#heard += new TextDecoder("latin1").decode(value);
    }
    const end = this.#heard.indexOf(event) + 1;
    const events = this.#heard.slice(0, end);
    this.#heard = this.#heard.slice(end);
    return events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#reader.cancel();
    await this.#child.status;
    await Deno.remove(this.#fifo).catch(() => {});
  }
}
