/**
 * What the forms of `sv` differ in: their sizes, and the memory that they need at least.
 *
 * @module
 */

import { walkSync } from "@std/fs/walk";
import { join } from "@std/path";
import { controlScan } from "../../lib/servicedir/control.ts";
import type { Contestants, Form } from "./contestants.ts";
import { rest } from "./measure.ts";
import { MemoryGroup } from "./memory_group.ts";
import type { Result, Row } from "./row.ts";
import { isReady, makeScanDirectory, scans } from "./scanned.ts";

const root = new URL("../../", import.meta.url).pathname;
const SERVICES = 10;
/** A scan that takes longer than that has no room to run in: it reads its program from the disk again and again. */
const DEADLINE = 10_000;
/** How long a scan has to go on after all services were ready. */
const GOES_ON = 1000;
const MIB = 1 << 20;
/** A limit that is enough for every form, in MiB. */
const ENOUGH = 128;
/** How often a scan has to start within a limit, one time after the other. */
const TIMES = 3;

async function run(command: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const [program, ...args] = command;
  const { success, stderr } = await new Deno.Command(program!, { args, env, stdout: "null" })
    .output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}

/** Returns the bytes of all files in a directory, or of a file. */
function bytesOf(path: string): number {
  const { isFile, size } = Deno.statSync(path);
  if (isFile) return size;
  return [...walkSync(path, { includeDirs: false })]
    .reduce((sum, { path }) => sum + Deno.statSync(path).size, 0);
}

/** A form of `sv` in a directory on the disk: what lies in memory already costs nothing more. */
interface OnDisk {
  readonly name: string;
  readonly command: readonly string[];
  /** The variables with which it is started. */
  readonly env: Record<string, string>;
  /** What is copied to install it. */
  readonly installed: string;
  /** What it unpacks at its first start. */
  readonly cache: string;
}

/** Lays the executables out on the disk. */
async function onDisk(forms: readonly Form[], directory: string): Promise<OnDisk[]> {
  const found: OnDisk[] = [];
  for (const { name, sv } of forms) {
    if (name === "source") continue;
    const installed = join(directory, name);
    const cache = join(directory, `${name}.cache`);
    Deno.mkdirSync(cache);
    await run(
      name === "unpacked" ? [sv[0]!, "unpack", "-q", installed] : ["cp", sv[0]!, installed],
    );
    const command = [name === "unpacked" ? join(installed, "sv") : installed];
    const env = { XDG_CACHE_HOME: cache };
    await run([...command, "--version"], env);
    found.push({ name, command, env, installed, cache });
  }
  return found;
}

/** Calls back with the forms on the disk, and removes them. */
async function withForms<T>(
  { forms }: Contestants,
  use: (forms: readonly OnDisk[], directory: string) => Promise<T>,
): Promise<T> {
  const directory = Deno.makeTempDirSync({ dir: join(root, ".deno"), prefix: "bench." });
  try {
    return await use(await onDisk(forms, directory), directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function sizeRow(name: string, pathsOf: (form: OnDisk) => readonly string[]): Row {
  return {
    name,
    unit: "MB",
    measure: (contestants) =>
      withForms(contestants, (forms) => {
        const runtime = Deno.statSync(Deno.execPath()).size / 1e6;
        return Promise.resolve(forms.map((form): Result => ({
          sv: form.name,
          value: pathsOf(form).map(bytesOf).reduce((sum, bytes) => sum + bytes) / 1e6,
          against: "Deno",
          reference: runtime,
        })));
      }),
  };
}

/** Drops what the kernel keeps of a directory's files in memory: a program's first reader pays for it. */
async function forget(directory: string): Promise<void> {
  await run([
    "find",
    ...[directory, "-type", "f", "-exec", "dd", "if={}", "iflag=nocache", "count=0"],
    ...["status=none", ";"],
  ]);
}

/** Tells whether a scan of ten services starts within a limit of memory, and goes on. */
async function scanRuns(
  limit: number,
  command: readonly string[],
  env: Record<string, string>,
  scratch: string,
): Promise<boolean> {
  await using group = new MemoryGroup(limit);
  const directory = makeScanDirectory(scratch, SERVICES);
  try {
    const [program, ...args] = group.inside([...command, directory]);
    const scan = new Deno.Command(program, { args, env, stdout: "null", stderr: "null" }).spawn();
    let ended = false;
    const end = scan.status.then(() => ended = true);
    const failed = () => ended || group.killed > 0;
    try {
      const before = performance.now();
      for (let index = 0; index < SERVICES; index++) {
        while (!isReady(`${directory}/s${index}`)) {
          if (failed() || performance.now() - before > DEADLINE) return false;
          await rest(2);
        }
      }
      await rest(GOES_ON);
      if (failed()) return false;
      controlScan(directory, "t");
      await Promise.race([end, rest(DEADLINE)]);
      return ended && group.killed === 0;
    } finally {
      if (!ended) scan.kill("SIGKILL");
      await end;
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/**
 * Returns the smallest limit, in MiB, with which an attempt succeeds each time: found by bisection, and then
 * raised until it does so, since near the limit an attempt succeeds by chance.
 */
async function floor(attempt: (limit: number) => Promise<boolean>): Promise<number> {
  let [fails, succeeds] = [0, ENOUGH];
  while (succeeds - fails > 1) {
    const middle = (fails + succeeds) >> 1;
    if (await attempt(middle * MIB)) succeeds = middle;
    else fails = middle;
  }
  for (let times = 0; times < TIMES; times++) {
    if (await attempt(succeeds * MIB)) continue;
    if (succeeds++ === ENOUGH) throw new Error(`${ENOUGH} MiB are not enough`);
    times = -1;
  }
  return succeeds;
}

const memoryRow: Row = {
  name: `smallest memory limit of a scan of ${SERVICES} services`,
  unit: "MiB",
  measure: (contestants) =>
    withForms(contestants, async (forms, directory) => {
      const unavailable = await MemoryGroup.unavailable();
      if (unavailable !== undefined) {
        console.error(`bench: no limit of memory can be set here: ${unavailable}`);
        return [];
      }
      const { references } = scans(contestants, SERVICES);
      const others: { name: string; value: number }[] = [];
      for (const { name, command } of references) {
        const value = await floor((limit) => scanRuns(limit, command, {}, contestants.scratch));
        others.push({ name, value });
      }
      const results: Result[] = [];
      for (const { name, command, env } of forms) {
        const value = await floor(async (limit) => {
          await forget(directory);
          return await scanRuns(
            limit,
            [...command, "scan", "-C", String(SERVICES + 10)],
            env,
            contestants.scratch,
          );
        });
        results.push(...others.map((other) => ({
          sv: name,
          value,
          against: other.name,
          reference: other.value,
        })));
      }
      return results;
    }),
};

/** The rows of what the forms differ in. */
export const formRows: readonly Row[] = [
  sizeRow("size of what is installed", ({ installed }) => [installed]),
  sizeRow("size on the disk after the first start", ({ installed, cache }) => [installed, cache]),
  memoryRow,
];
