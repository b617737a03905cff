import { join } from "@std/path";
import { controlScan } from "../../lib/servicedir/control.ts";
import { readStatus } from "../../mod.ts";
import type { Contestants, Form } from "./contestants.ts";
import { timesRun, wakeUps } from "./idle.ts";
import { awaitExit, rest, start } from "./measure.ts";
import { memoryOf } from "./memory.ts";
import type { Result, Row } from "./row.ts";
import { type ScanCommand, scans } from "./scanned.ts";

const SERVICES = 1000;
const SECONDS = 10;
const DEADLINE = 180_000;
/** What supervises and logs; the services themselves don't count. */
const COUNTED = /^(s6-svscan|s6-supervise|s6-log|sv|deno)$/;

/** Makes services that write a line and then nothing; for s6 each with a logger. */
function makeDirectory(scratch: string, withLoggers: boolean): string {
  const directory = Deno.makeTempDirSync({ dir: scratch, prefix: "logged." });
  for (let index = 0; index < SERVICES; index++) {
    const service = `${directory}/s${index}`;
    Deno.mkdirSync(`${service}${withLoggers ? "/log" : ""}`, { recursive: true });
    const write = (path: string, script: string) =>
      Deno.writeTextFileSync(`${service}/${path}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    write("run", "echo a line; exec sleep 100000");
    if (withLoggers) write("log/run", `exec s6-log t ${directory}/.logs/s${index}`);
  }
  Deno.mkdirSync(`${directory}/.logs`);
  return directory;
}

/** Returns a process and its descendants that supervise or log. */
function counted(root: number): number[] {
  const children = new Map<number, number[]>();
  const names = new Map<number, string>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      names.set(Number(name), stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")));
      children.set(parent, [...children.get(parent) ?? [], Number(name)]);
    } catch {
      // The process has just ended.
    }
  }
  const found: number[] = [];
  for (const queue = [root]; queue.length > 0;) {
    const pid = queue.pop()!;
    if (pid === root || COUNTED.test(names.get(pid) ?? "")) found.push(pid);
    queue.push(...children.get(pid) ?? []);
  }
  return found;
}

/** Waits until all services run and their lines are written. */
async function logged(directory: string): Promise<void> {
  const began = performance.now();
  for (let index = 0; index < SERVICES; index++) {
    const written = () => {
      try {
        return readStatus(`${directory}/s${index}`).pid !== 0 &&
          Deno.statSync(`${directory}/.logs/s${index}/current`).size > 0;
      } catch {
        return false;
      }
    };
    while (!written()) {
      if (performance.now() - began > DEADLINE) throw new Error(`s${index} is never logged`);
      await rest(5);
    }
  }
}

/** Starts a scan of logged services, and measures something of it. */
async function measured(
  { scratch }: Contestants,
  { command }: ScanCommand,
  withLoggers: boolean,
  measure: (root: number) => number | Promise<number>,
): Promise<number> {
  const directory = makeDirectory(scratch, withLoggers);
  const logs = withLoggers ? [] : ["--log", join(directory, ".logs")];
  const running = start([...command, ...logs, directory]);
  try {
    await logged(directory);
    await rest(13_000);
    return await measure(running.pid);
  } finally {
    controlScan(directory, "t");
    awaitExit(running);
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Measures something of a scan of logged services, for each contestant. */
async function each(
  contestants: Contestants,
  measure: (root: number) => number | Promise<number>,
): Promise<Result[]> {
  const { forms, references } = scans(contestants, 2 * SERVICES);
  const results: Result[] = [];
  for (const reference of references) {
    const number = await measured(contestants, reference, true, measure);
    for (const form of forms) {
      results.push({
        sv: form.name,
        value: await measured(contestants, form, false, measure),
        against: reference.name,
        reference: number,
      });
    }
  }
  return results;
}

const memoryOfAll = (root: number) => counted(root).reduce((sum, pid) => sum + memoryOf(pid), 0);

/** Returns the memory of two empty programs. */
async function twoEmpty({ empty }: Form): Promise<number> {
  const running = [0, 1].map(() => start([...empty, "idle"]));
  await rest(3000);
  const sum = running.reduce((sum, { pid }) => sum + memoryOf(pid), 0);
  for (const one of running) {
    Deno.kill(one.pid, "SIGKILL");
    awaitExit(one);
  }
  return sum;
}

/** Measures the memory of all that supervises and logs. */
const memory: Row = {
  name: `scan of ${SERVICES} logged services: memory (PSS)`,
  unit: "MiB",
  budget: 0.15,
  measure: (contestants) => each(contestants, memoryOfAll),
};

/** Measures what the runtime takes for a scan and a log process that do nothing. */
const floor: Row = {
  name: `scan of ${SERVICES} logged services: memory (PSS) of two empty programs`,
  unit: "MiB",
  measure: async (contestants) => {
    const results: Result[] = [];
    for (const reference of scans(contestants, 2 * SERVICES).references) {
      const number = await measured(contestants, reference, true, memoryOfAll);
      for (const form of contestants.forms) {
        results.push({
          sv: form.name,
          value: await twoEmpty(form),
          against: reference.name,
          reference: number,
        });
      }
    }
    return results;
  },
};

/** Measures how often it all wakes up while nothing is written. */
const idle: Row = {
  name: `scan of ${SERVICES} logged services: wake-ups in ${SECONDS} s`,
  unit: "",
  budget: 0,
  measure: (contestants) =>
    each(contestants, async (root) => {
      // Deno ends idle threads after ten seconds, also those that were used when memory was given back, which
      // is five seconds after the start and keeps a program watchful for two.
      await rest(8000);
      const all = counted(root);
      const before = all.map(timesRun);
      await rest(SECONDS * 1000);
      return all.reduce((sum, pid, index) => sum + wakeUps(before[index]!, timesRun(pid)), 0);
    }),
};

/** The rows of services whose output is logged. */
export const loggedRows: readonly Row[] = [memory, floor, idle];
