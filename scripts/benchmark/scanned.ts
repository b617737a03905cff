import { join } from "@std/path";
import { readStatus } from "../../mod.ts";
import { controlScan } from "../../lib/servicedir/control.ts";
import type { Contestants } from "./contestants.ts";
import { awaitExit, rest, type Running, start } from "./measure.ts";

const RUN = "#!/bin/sh\necho >&3\nexec 3>&- sleep 100000\n";
const DEADLINE = 120_000;

/** A command that supervises a scan directory, with a name. */
export interface ScanCommand {
  readonly name: string;
  readonly command: readonly string[];
}

/** Returns every form of `sv`, then every s6. */
export function scans({ forms, s6 }: Contestants, services: number) {
  const most = String(services + 10);
  return {
    forms: forms.map(({ name, sv }): ScanCommand => ({
      name,
      command: [...sv, "scan", "-C", most],
    })),
    references: s6.map(({ name, bin }): ScanCommand => ({
      name,
      command: ["/usr/bin/env", `PATH=${bin}:${Deno.env.get("PATH")}`, join(bin, "s6-svscan")]
        .concat(maximum(bin), most),
    })),
  };
}

/** Returns the option for the number of services, which was renamed in a version of s6. */
function maximum(bin: string): string {
  const args = ["-C", "10", "/no/such/directory"];
  const { code } = new Deno.Command(join(bin, "s6-svscan"), { args }).outputSync();
  const wrongUsage = 100;
  return code === wrongUsage ? "-c" : "-C";
}

/** Makes a scan directory whose services are ready at once. */
export function makeScanDirectory(scratch: string, services: number): string {
  const directory = Deno.makeTempDirSync({ dir: scratch, prefix: "scan." });
  for (let index = 0; index < services; index++) {
    const service = `${directory}/s${index}`;
    Deno.mkdirSync(service);
    Deno.writeTextFileSync(`${service}/notification-fd`, "3\n");
    Deno.writeTextFileSync(`${service}/run`, RUN);
    Deno.chmodSync(`${service}/run`, 0o755);
  }
  return directory;
}

/** Tells whether a service is up and ready. */
export function isReady(dir: string): boolean {
  try {
    const { pid, ready } = readStatus(dir);
    return pid !== 0 && ready;
  } catch {
    return false;
  }
}

/** A running scan, in a directory of its own, which is removed at its end. */
export class Scanned implements Disposable {
  /** Milliseconds from the start until all services were ready. */
  readonly milliseconds: number;
  readonly running: Running;

  private constructor(
    readonly directory: string,
    running: Running,
    milliseconds: number,
  ) {
    this.running = running;
    this.milliseconds = milliseconds;
  }

  /** Starts a scan, and waits until all its services are ready. */
  static async start(
    scratch: string,
    services: number,
    { command }: ScanCommand,
  ): Promise<Scanned> {
    const directory = makeScanDirectory(scratch, services);
    const before = performance.now();
    const running = start([...command, directory]);
    for (let index = 0; index < services; index++) {
      // Reads one status at a time, to take little time from the programs that are measured.
      while (!isReady(`${directory}/s${index}`)) {
        if (performance.now() - before > DEADLINE) throw new Error(`s${index} is never ready`);
        await rest(1);
      }
    }
    return new Scanned(directory, running, performance.now() - before);
  }

  /** Returns the process ids of the scan and its supervisors, without the services. */
  get supervisors(): number[] {
    const found = [this.running.pid];
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
        const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        if (parent === this.running.pid && stat.includes("(s6-supervise)")) {
          found.push(Number(name));
        }
      } catch {
        // The process has just ended.
      }
    }
    return found;
  }

  [Symbol.dispose](): void {
    controlScan(this.directory, "t");
    awaitExit(this.running);
    Deno.removeSync(this.directory, { recursive: true });
  }
}
