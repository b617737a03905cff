import { svCommand } from "./program.ts";
import { run } from "./run.ts";
import { until } from "./until.ts";
import { within } from "./within.ts";

/** The supervisors that tests compare, by name. */
export const supervisors: Readonly<Record<"s6" | "sv", readonly string[]>> = {
  s6: ["s6-supervise"],
  sv: svCommand("supervise"),
};

/** How to start a supervisor. */
export interface SupervisorOptions {
  /** A command line to put before the supervisor's: `nice -n 5`, say. */
  readonly through?: readonly string[];
  /** Its stdin, stdout. */
  readonly stdin?: "null" | "piped" | "inherit";
  /** Its complete environment, if not that of the test. */
  readonly env?: Record<string, string>;
}

/** A running supervisor, stopped at the end of the block, with its service. */
export class Supervisor implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stderr: Promise<string>;

  private constructor(readonly directory: string, child: Deno.ChildProcess) {
    this.#child = child;
    this.#stderr = new Response(child.stderr).text();
  }

  /**
   * Starts a supervisor and waits until it accepts commands.
   *
   * @param command Its command line, without the directory.
   * @param directory The service directory.
   * @param options How to start it.
   * @returns The supervisor, to be held with `await using`.
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
      stdin: options.stdin ?? "null",
      stdout: "null",
      stderr: "piped",
      ...(options.env === undefined ? {} : { env: options.env, clearEnv: true }),
    }).spawn();
    const supervisor = new Supervisor(directory, child);
    try {
      await until(
        async () => (await run(["s6-svok", directory])).code === 0,
        `${command.join(" ")} to supervise ${directory}`,
      );
    } catch (error) {
      child.kill("SIGKILL");
      throw new Error(`${(error as Error).message}; it said: ${await supervisor.#stderr}`);
    }
    return supervisor;
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** What it wrote on stderr, once it has exited. */
  get stderr(): Promise<string> {
    return this.#stderr;
  }

  /** How it exited, once it has. */
  get exited(): Promise<Deno.CommandStatus> {
    return within(20_000, this.#child.status, `the supervisor of ${this.directory} to exit`);
  }

  /**
   * Writes control bytes.
   *
   * @param bytes The bytes, as in s6's protocol.
   */
  async send(bytes: string): Promise<void> {
    await Deno.writeTextFile(`${this.directory}/supervise/control`, bytes, { create: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      // A stopped service takes its SIGKILL as well as any other.
      await this.send("xOk");
      await within(5_000, this.#child.status, "the supervisor to exit");
    } catch {
      try {
        this.#child.kill("SIGKILL");
      } catch {
        // It had exited before.
      }
      await this.#child.status;
    }
    if (this.#child.stdin !== null) {
      try {
        await this.#child.stdin.close();
      } catch {
        // Not piped.
      }
    }
    await this.#stderr;
  }
}
