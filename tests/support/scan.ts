import { svCommand } from "./program.ts";
import { run } from "./run.ts";
import { until } from "./until.ts";
import { within } from "./within.ts";
import { writeFifo } from "./write_fifo.ts";

/** The command lines of the programs that supervise a scan directory, by name. */
export const scans: Readonly<Record<"s6" | "sv", readonly string[]>> = {
  s6: ["s6-svscan"],
  sv: svCommand("scan"),
};

/** How to start a scan. */
export interface ScanOptions {
  /** Its command line, without options and directory; default: `sv scan`. */
  readonly command?: readonly string[];
  /** Its options. */
  readonly options?: readonly string[];
  /** What follows the scan directory: `--` and a command. */
  readonly after?: readonly string[];
  /** Variables to add to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command line before it: `unshare --pid`, say. */
  readonly through?: readonly string[];
  /** Its working directory; the scan directory may be relative to it. */
  readonly cwd?: string;
}

/** A running scan, killed at the end of the block; the temporary directory ends its services. */
export class Scan implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #heard: Promise<unknown>;
  #stdout = "";
  #stderr = "";

  private constructor(readonly directory: string, child: Deno.ChildProcess) {
    this.#child = child;
    this.#heard = Promise.all([
      collect(child.stdout, (text) => this.#stdout += text),
      collect(child.stderr, (text) => this.#stderr += text),
    ]);
  }

  /** Starts a scan without waiting for it. */
  static launch(directory: string, options: ScanOptions = {}): Scan {
    const [program, ...args] = [
      ...options.through ?? [],
      ...options.command ?? scans.sv,
      ...options.options ?? [],
      directory,
      ...options.after ?? [],
    ];
    const child = new Deno.Command(program!, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    }).spawn();
    return new Scan(options.cwd === undefined ? directory : `${options.cwd}/${directory}`, child);
  }

  /** Starts a scan, and waits until it takes commands. */
  static async start(directory: string, options: ScanOptions = {}): Promise<Scan> {
    const scan = Scan.launch(directory, options);
    try {
      await scan.ready();
    } catch (error) {
      await scan[Symbol.asyncDispose]();
      throw new Error(`${(error as Error).message}; it said: ${scan.stderr}`);
    }
    return scan;
  }

  /** Waits until it takes commands. */
  async ready(): Promise<void> {
    await until(
      async () => (await run(["s6-svscanctl", "-z", this.directory])).code === 0,
      `a scan of ${this.directory}`,
    );
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What the scan and its services have written on stdout so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** What the scan and its services have written on stderr so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Waits for its exit. */
  exited(): Promise<Deno.CommandStatus> {
    return within(this.#child.status, `the scan of ${this.directory} to exit`)
      .catch((error) => {
        throw new Error(`${error.message}; it said: ${this.#stderr}`);
      });
  }

  /** Sends it a signal. */
  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** Writes command bytes into its control FIFO. */
  async send(bytes: string): Promise<void> {
    await writeFifo(`${this.directory}/.s6-svscan/control`, bytes).catch((error) => {
      throw new Error(`${error.message}; it said: ${this.stderr}`);
    });
  }

  /** Waits until the scan or a service has written a text on stderr. */
  async says(text: string | RegExp): Promise<void> {
    const said = () =>
      typeof text === "string" ? this.stderr.includes(text) : text.test(this.stderr);
    await until(said, `the scan to say ${text}`).catch((error) => {
      throw new Error(`${error.message}; it said: ${this.stderr}`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // The scan has exited already.
    }
    await this.#child.status;
    // Services that outlive the scan keep its pipes open until the temporary directory kills them.
    void this.#heard;
  }
}

async function collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void) {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
  } catch {
    // The test is over.
  }
}
