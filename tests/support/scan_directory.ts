import { type Files, writeFiles } from "./files.ts";
import { openDescriptors } from "./open_descriptors.ts";
import { isAlive } from "./processes.ts";
import { readStatusFile, type StatusFile } from "./status_file.ts";
import { temporaryDirectory } from "./temporary_directory.ts";
import { until } from "./until.ts";
import { writeFifo } from "./write_fifo.ts";

/** A `run` that adds its process id to `starts`, and is ready at once. */
export const READY = "#!/bin/sh\necho $$ >>starts\necho >&3\nexec 3>&-\nexec sleep 100000\n";

/** A service that is ready at once. */
export const readyService: Files = { run: READY, "notification-fd": "3\n" };

/** A service that never becomes ready. */
export const silentService: Files = { run: "#!/bin/sh\nexec sleep 100000\n" };

/** A scan directory, removed at the end of the block; the processes in it are killed. */
export class ScanDirectory implements AsyncDisposable {
  private constructor(
    /** The scan directory. */
    readonly path: string,
    /** Its parent, where a test may put other files. */
    readonly parent: string,
    private readonly dispose: () => PromiseLike<void>,
  ) {}

  /** Makes a scan directory with services. */
  static async make(services: Readonly<Record<string, Files>> = {}): Promise<ScanDirectory> {
    const parent = await temporaryDirectory();
    const made = new ScanDirectory(
      `${parent.path}/scan`,
      parent.path,
      () => parent[Symbol.asyncDispose](),
    );
    await Deno.mkdir(made.path);
    for (const [name, files] of Object.entries(services)) await made.add(name, files);
    return made;
  }

  /** Adds a service by a rename, so that a scan never sees half of it. */
  async add(name: string, files: Files): Promise<void> {
    const hidden = `${this.path}/.new-${name.replaceAll("/", "-")}`;
    await Deno.mkdir(hidden);
    await writeFiles(hidden, files);
    await Deno.rename(hidden, `${this.path}/${name}`);
  }

  /** Returns the path of a service. */
  service(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Reads the status of a service. */
  status(name: string): Promise<StatusFile> {
    return readStatusFile(this.service(name));
  }

  /** Waits until the status of a service fulfils a condition. */
  async until(
    name: string,
    wanted: (status: StatusFile) => boolean,
    what: string,
  ): Promise<StatusFile> {
    return await until(
      async () => {
        const status = await this.status(name).catch(() => undefined);
        return status !== undefined && wanted(status) && status;
      },
      `${name} ${what}`,
    );
  }

  /** Waits until a service is up. */
  up(name: string): Promise<StatusFile> {
    return this.until(name, ({ pid, finishing }) => pid !== 0 && !finishing, "to be up");
  }

  /** Waits until a service is up and ready. */
  ready(name: string): Promise<StatusFile> {
    return this.until(
      name,
      ({ pid, finishing, ready }) => pid !== 0 && !finishing && ready,
      "to be ready",
    );
  }

  /** Waits until a service is up as another process. */
  restarted(name: string, before: number): Promise<StatusFile> {
    return this.until(
      name,
      ({ pid, finishing }) => pid !== 0 && pid !== before && !finishing,
      "to be restarted",
    );
  }

  /** Writes control bytes to the supervisor of a service. */
  async send(name: string, bytes: string): Promise<void> {
    await writeFifo(`${this.service(name)}/supervise/control`, bytes);
  }

  /** Reads a file. */
  read(path: string): Promise<string> {
    return Deno.readTextFile(`${this.path}/${path}`);
  }

  /** Waits until the text of a file fulfils a condition. */
  async contains(path: string, wanted: (text: string) => boolean, what: string): Promise<string> {
    return await until(
      async () => {
        const text = await this.read(path).catch(() => undefined);
        return text !== undefined && wanted(text) && text;
      },
      `${path} to hold ${what}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

/** Waits until a process has ended. */
export async function gone(pid: number): Promise<void> {
  await until(() => !isAlive(pid), `process ${pid} to end`);
}

/**
 * Counts the descriptors of a process, without those of the runtime's caches: Deno opens them only where
 * no other process has locked them at its start.
 */
export function descriptorsOf(pid: number): number {
  return [...openDescriptors(pid).values()].filter((target) => !target.includes("_analysis_cache_"))
    .length;
}

/** Returns the memory of a process, its share of what is shared included, in MiB. */
export function memoryOf(pid: number): number {
  const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)![1]) / 1024;
}

/** Finds the children of a process that have died and were not reaped. */
export function zombiesOf(pid: number): number[] {
  const found: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z" && Number(parent) === pid) found.push(Number(name));
    } catch {
      // This process has just gone.
    }
  }
  return found;
}
