import { exists } from "@std/fs/exists";
import { resolve } from "@std/path";
import { killProcessesIn } from "./processes.ts";
import { svCommand } from "./program.ts";
import { run } from "./run.ts";
import { until } from "./until.ts";
import { within } from "./within.ts";

/** The command lines of the supervisors that tests compare, by name. */
export const supervisors: Readonly<Record<"s6" | "sv", readonly string[]>> = {
  s6: ["s6-supervise"],
  sv: svCommand("supervise"),
};

/** How to start a supervisor. */
export interface SupervisorOptions {
  /** A command line before the supervisor's: `nice -n 5`, say. */
  readonly through?: readonly string[];
  /** Its working directory; the service directory may be relative to it. */
  readonly cwd?: string;
  /** Its whole environment; default: that of the test. */
  readonly env?: Record<string, string>;
}

/** A running supervisor, killed at the end of the block, with its service. */
export class Supervisor implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #errors: ReadableStreamDefaultReader<Uint8Array>;
  readonly #read: Promise<void>;
  #stderr = "";

  private constructor(
    /** The service directory, an absolute path. */
    readonly directory: string,
    child: Deno.ChildProcess,
  ) {
    this.#child = child;
    this.#errors = child.stderr.getReader();
    this.#read = this.#collect();
  }

  /**
   * Starts a supervisor and waits until it accepts commands and has a status.
   *
   * @param command Its command line, without the directory.
   * @param directory The service directory.
   * @param options How to start it.
   * @returns The supervisor, for `await using`.
   */
  static async start(
    command: readonly string[],
    directory: string,
    options: SupervisorOptions = {},
  ): Promise<Supervisor> {
    const [program, ...args] = [...options.through ?? [], ...command, directory];
    if (program === undefined) throw new Error("There is no supervisor to start");
    const child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env, clearEnv: true }),
    }).spawn();
    const supervisor = new Supervisor(resolve(options.cwd ?? ".", directory), child);
    try {
      await until(
        // The supervisor accepts commands a moment before it writes the status.
        async () =>
          (await run(["s6-svok", supervisor.directory])).code === 0 &&
          await exists(`${supervisor.directory}/supervise/status`),
        `${command.join(" ")} to supervise ${directory}`,
      );
    } catch (error) {
      await supervisor[Symbol.asyncDispose]();
      throw new Error(`${(error as Error).message}; it said: ${supervisor.stderr}`);
    }
    return supervisor;
  }

  /** The process that was started: the supervisor, or the command line before it. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What the supervisor and its service have written on stderr so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Its exit, up to a deadline. */
  get exited(): Promise<Deno.CommandStatus> {
    return within(this.#child.status, `the supervisor of ${this.directory} to exit`);
  }

  /**
   * Sends commands, as `s6-svc` does.
   *
   * @param commands The commands, as letters.
   */
  async send(commands: string): Promise<void> {
    const { code, stderr } = await run(["s6-svc", `-${commands}`, this.directory]);
    if (code !== 0) throw new Error(`s6-svc -${commands} exited ${code}: ${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // The supervisor has exited already.
    }
    // It starts nothing more when it has ended.
    await this.#child.status;
    await killProcessesIn(this.directory);
    await this.#errors.cancel();
    await this.#read;
  }

  async #collect(): Promise<void> {
    const decoder = new TextDecoder();
    for (let part = await this.#errors.read(); !part.done; part = await this.#errors.read()) {
      this.#stderr += decoder.decode(part.value, { stream: true });
    }
  }
}
