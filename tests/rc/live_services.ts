import { join } from "@std/path";
import { DEADLINE } from "../support/deadline.ts";
import { writeFiles } from "../support/files.ts";
import { svCommand } from "../support/program.ts";
import { type Finished, run } from "../support/run.ts";
import { start } from "../support/start.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";

/** Services that `sv rc` manages over a running `sv scan`. All end at the end of the block. */
export class LiveServices implements AsyncDisposable {
  readonly #resources: AsyncDisposableStack;
  #scan: Deno.ChildProcess | undefined;
  /** A directory for the files of the test. */
  readonly place: string;
  /** The source directory. */
  readonly source: string;
  /** The scan directory. */
  readonly scandir: string;
  /** The live directory. */
  readonly live: string;

  private constructor(resources: AsyncDisposableStack, place: string) {
    this.#resources = resources;
    this.place = place;
    this.source = join(place, "source");
    this.scandir = join(place, "scan");
    this.live = join(place, "live");
  }

  /** Starts a scan, and makes a live directory from definitions. */
  static async start(files: Readonly<Record<string, string>>): Promise<LiveServices> {
    await using resources = new AsyncDisposableStack();
    const { path } = resources.use(await temporaryDirectory("sv-rc-test-"));
    const services = new LiveServices(resources, path);
    await Deno.mkdir(services.scandir);
    await writeFiles(services.source, files);
    let running = services;
    resources.defer(async () => {
      await run([...svCommand("scanctl"), "-q", services.scandir]);
      await running.#scan?.status;
    });
    await services.startScan();
    const init = await services.rc("init", "-t", `${DEADLINE}`, services.scandir, services.source);
    if (init.code !== 0) throw new Error(`sv rc init failed: ${init.stderr}`);
    running = new LiveServices(resources.move(), path);
    running.#scan = services.#scan;
    return running;
  }

  /** Starts the scan, and waits until it takes commands. */
  async startScan(): Promise<void> {
    this.#scan = start([...svCommand("scan"), this.scandir], { LOG: join(this.place, "log") });
    await until(
      async () => (await run([...svCommand("scanctl"), "-z", this.scandir])).code === 0,
      `a scan of ${this.scandir}`,
    );
  }

  /** Kills the scan; its services survive. */
  async killScan(): Promise<void> {
    this.#scan!.kill("SIGKILL");
    await this.#scan!.status;
  }

  /** Returns a command line of `sv rc`. */
  command(verb: string, ...args: string[]): string[] {
    return [...svCommand("rc"), verb, "-l", this.live, ...args];
  }

  /** Returns the service directory of a longrun. */
  directory(name: string): string {
    return join(this.live, "servicedirs", name);
  }

  /** Runs `sv rc`. What it says when it has waited for ten seconds, as it may on a slow host, is left out. */
  async rc(verb: string, ...args: string[]): Promise<Finished> {
    const finished = await run(this.command(verb, ...args));
    const stderr = finished.stderr.replaceAll(/^.*: still waiting for .*\n/gm, "");
    return { ...finished, stderr };
  }

  /** Returns the services that are up according to `sv rc`. */
  async up(): Promise<string[]> {
    const { stdout } = await this.rc("list", "-a");
    return stdout.split("\n").filter((name) => name !== "");
  }

  /**
   * Returns the process of a longrun according to its supervisor; undefined where there is none.
   */
  async pid(name: string): Promise<number | undefined> {
    const { stdout } = await run([...svCommand("stat"), "-p", join(this.scandir, name)]);
    const pid = Number(stdout);
    return pid > 0 ? pid : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
