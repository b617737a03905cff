import { ensureDirSync } from "@std/fs/ensure-dir";
import { existsSync } from "@std/fs/exists";
import { dirname, join } from "@std/path";
import { readStatus } from "../../mod.ts";
import { controlScan } from "../../lib/servicedir/control.ts";
import type { Contestants } from "./contestants.ts";
import { awaitExit, duration, median, rest, type Running, start } from "./measure.ts";

const RUN = "#!/bin/sh\necho >&3\nexec 3>&-\nexec sleep 100000\n";
const BUNDLE = "all";

/** Services that depend on each other: for each, the names of those that it needs. */
export type Shape = ReadonlyMap<string, readonly string[]>;

/** Returns services of which each needs the one before it. */
export function chain(length: number): Shape {
  const names = Array.from({ length }, (_, index) => `s${index}`);
  return new Map(names.map((name, index) => [name, index === 0 ? [] : [names[index - 1]!]]));
}

/** Returns services that all need the same one. */
export function fan(width: number): Shape {
  const names = Array.from({ length: width }, (_, index) => `s${index}`);
  const needs: [string, string[]][] = names.map((name) => [name, ["root"]]);
  return new Map([["root", []], ...needs]);
}

/** How a start of services went, in milliseconds. */
export interface Start {
  /** The median time from the readiness of a service until the next one's process was there. */
  readonly hop: number;
  /** From the first process until all were ready. */
  readonly total: number;
  /** The sum of what each service on the critical path took from its start to its readiness. */
  readonly critical: number;
}

/** A program that manages services, with a scan of its own. */
export interface Manager {
  readonly name: string;
  readonly scan: readonly string[];
  /** Makes the live directory. */
  readonly init: (
    scandir: string,
    live: string,
    source: string,
    scratch: string,
  ) => readonly (readonly string[])[];
  /** The command before its options and verb. */
  readonly command: readonly string[];
}

/** Returns each form of `sv`, and each s6-rc that is installed. */
export function managers({ forms, s6 }: Contestants, services: number) {
  const most = String(services + 10);
  return {
    forms: forms.map(({ name, sv }): Manager => ({
      name,
      scan: [...sv, "scan", "-C", most],
      init: (scandir, live, source) => [[...sv, "rc", "init", "-l", live, scandir, source]],
      command: [...sv, "rc"],
    })),
    references: s6.filter(({ bin }): boolean => existsSync(join(bin, "s6-rc"))).map(
      ({ bin }): Manager => {
        const env = ["/usr/bin/env", `PATH=${bin}:${Deno.env.get("PATH")}`];
        return {
          name: "s6-rc",
          scan: [...env, join(bin, "s6-svscan"), "-C", most],
          init: (scandir, live, source, scratch) => [
            [...env, join(bin, "s6-rc-compile"), `${scratch}/compiled`, source],
            [...env, join(bin, "s6-rc-init"), "-c", `${scratch}/compiled`, "-l", live, scandir],
          ],
          command: [...env, join(bin, "s6-rc")],
        };
      },
    ),
  };
}

function writeDefinitions(directory: string, shape: Shape): void {
  const file = (path: string, text: string, mode = 0o644) => {
    ensureDirSync(dirname(join(directory, path)));
    Deno.writeTextFileSync(join(directory, path), text);
    Deno.chmodSync(join(directory, path), mode);
  };
  file(`${BUNDLE}/type`, "bundle\n");
  for (const [name, needs] of shape) {
    file(`${name}/type`, "longrun\n");
    file(`${name}/notification-fd`, "3\n");
    file(`${name}/run`, RUN, 0o755);
    file(`${BUNDLE}/contents.d/${name}`, "");
    for (const other of needs) file(`${name}/dependencies.d/${other}`, "");
  }
}

/** Services under a manager, in a scan of its own. */
export class Dependent implements Disposable {
  readonly #shape: Shape;
  readonly #manager: Manager;
  readonly #live: string;
  readonly #scandir: string;
  readonly #scan: Running;

  private constructor(shape: Shape, manager: Manager, place: string, scan: Running) {
    this.#shape = shape;
    this.#manager = manager;
    this.#live = `${place}/live`;
    this.#scandir = `${place}/scan`;
    this.#scan = scan;
  }

  /** Starts a scan and makes a live directory. */
  static async make(scratch: string, shape: Shape, manager: Manager): Promise<Dependent> {
    const place = Deno.makeTempDirSync({ dir: scratch, prefix: "rc." });
    const scandir = `${place}/scan`;
    Deno.mkdirSync(scandir);
    writeDefinitions(`${place}/source`, shape);
    const scan = start([...manager.scan, scandir]);
    while (!accepts(scandir)) await rest(5);
    for (const command of manager.init(scandir, `${place}/live`, `${place}/source`, place)) {
      duration(command);
    }
    return new Dependent(shape, manager, place, scan);
  }

  /** Starts all services, measures that, and stops them. */
  measure(): Start {
    const { command } = this.#manager;
    duration([...command, "-l", this.#live, "start", BUNDLE]);
    const result = this.#read();
    duration([...command, "-l", this.#live, "stop", BUNDLE]);
    return result;
  }

  /** Reads from the status files when each process was there, and when it was ready. */
  #read(): Start {
    const times = new Map([...this.#shape.keys()].map((name) => {
      const { stamp, readyStamp, pid } = readStatus(`${this.#live}/servicedirs/${name}`);
      if (pid === 0) throw new Error(`${this.#manager.name} did not start ${name}`);
      return [name, { spawned: Number(stamp) / 1e6, ready: Number(readyStamp) / 1e6 }];
    }));
    const hops: number[] = [];
    for (const [name, needs] of this.#shape) {
      for (const other of needs) hops.push(times.get(name)!.spawned - times.get(other)!.ready);
    }
    const all = [...times.values()];
    let last = [...times].reduce((one, other) => other[1].ready > one[1].ready ? other : one)[0];
    let critical = 0;
    for (;;) {
      const { spawned, ready } = times.get(last)!;
      critical += ready - spawned;
      const [next] = this.#shape.get(last)!;
      if (next === undefined) break;
      last = next;
    }
    return {
      hop: median(hops),
      total: Math.max(...all.map(({ ready }) => ready)) -
        Math.min(...all.map(({ spawned }) => spawned)),
      critical,
    };
  }

  [Symbol.dispose](): void {
    controlScan(this.#scandir, "t");
    awaitExit(this.#scan);
  }
}

function accepts(scandir: string): boolean {
  try {
    controlScan(scandir);
    return true;
  } catch {
    return false;
  }
}
