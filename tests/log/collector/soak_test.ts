/**
 * Fifty services that write numbered lines, while the log process, the scan and services are killed at
 * random, the scan is upgraded, and the disk with some of the logs is filled and freed: each line is in
 * its log once, in order. `SV_LOG_SOAK_SECONDS` sets for how long; `SV_SEED` sets the seed.
 */
import { assertEquals } from "@std/assert";
import { missingMounts, mountTmpfs } from "../../support/tmpfs.ts";
import { testNeeding } from "../../support/needs.ts";
import { until } from "../../support/until.ts";
import { logProcesses } from "./log_processes.ts";
import { openDescriptors } from "../../support/open_descriptors.ts";
import { type Random, seeds, withRandom } from "../../support/random.ts";
import { Scan } from "../../support/scan.ts";
import { ScanDirectory } from "../../support/scan_directory.ts";

const SECONDS = Number(Deno.env.get("SV_LOG_SOAK_SECONDS") ?? "8");
const SEED = seeds(20260101)[0]!;
const SERVICES = 50;

/**
 * Writes lines "LIFE NUMBER", and how many it has written at least into `written.LIFE`; all of them when
 * it is told to end.
 */
const WRITER = `#!/bin/sh
life=$(cat life 2>/dev/null || echo 0)
life=$((life + 1))
echo $life >life.new && mv life.new life
trap 'ending=yes' TERM
i=0
until [ "$ending" ]; do
  n=$((i + 40))
  while [ $i -lt $n ]; do
    i=$((i + 1))
    echo "$life $i and some words that make it longer"
  done
  echo $i >written.$life
  sleep 0.3
done
`;

testNeeding(
  [missingMounts()],
  `${SERVICES} logged services for ${SECONDS} s, seed ${SEED}`,
  () => withRandom(SEED, soak),
);

async function soak(random: Random): Promise<void> {
  const names = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  await using directory = await ScanDirectory.make();
  const small = `${directory.parent}/small`;
  await using disk = await mountTmpfs(small, "64m");
  const logs = `${directory.parent}/logs`;
  const logOf = (name: string) => `${/[05]$/.test(name) ? small : logs}/${name}`;
  for (const name of names) {
    const order = `n100000 s20000 ${logOf(name)}\n`;
    await directory.add(name, { run: WRITER, "data/sv/log": order });
  }
  let scan = await Scan.start(directory.path);
  const pause = () => new Promise((wake) => setTimeout(wake, 50 + random.below(600)));

  const killLogProcesses = async () => {
    for (const pid of await logProcesses(directory.path)) kill(pid);
  };
  const startScan = async () => {
    scan = await Scan.start(directory.path);
    // Before, what is in a FIFO depends on the life of its service.
    const held = () => new Set(outputsOf(scan.pid)).size;
    await until(() => held() === SERVICES, "the scan to have every FIFO");
  };
  const killScan = async () => {
    scan.signal("SIGKILL");
    await scan.exited();
  };
  const actions: Readonly<Record<string, () => Promise<void>>> = {
    "kill the log process": killLogProcesses,
    "kill the scan": async () => {
      await killScan();
      await startScan();
    },
    "kill both": async () => {
      if (random.chance(0.5)) await killLogProcesses();
      await killScan();
      await killLogProcesses();
      await startScan();
    },
    // What is in a FIFO is kept by the scan, the log process or the service: one of them must live.
    "kill services": async () => {
      const killed = new Map<string, number>();
      for (let count = 0; count < 5; count++) {
        const name = random.pick(names);
        const { pid } = await directory.up(name);
        kill(pid);
        killed.set(name, pid);
      }
      for (const [name, pid] of killed) await directory.restarted(name, pid);
    },
    "upgrade": () => scan.send("V"),
    "fill the disk": () => disk.fill(),
    "free the disk": () => disk.free(),
  };

  try {
    for (const name of names) await directory.up(name);
    const end = Date.now() + SECONDS * 1000;
    while (Date.now() < end) {
      const name = random.pick(Object.keys(actions));
      await actions[name]!();
      await pause();
    }
    await disk.free();
    await scan.send("t");
    assertEquals((await scan.exited()).code, 0, scan.stderr);
  } finally {
    await scan[Symbol.asyncDispose]();
  }
  for (const name of names) check(name, directory.service(name), logOf(name));
}

/** Returns the FIFOs for output that a process has open. */
function outputsOf(pid: number): string[] {
  return [...openDescriptors(pid).values()].filter((path) => path.endsWith("/supervise/output"));
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}

/** Checks that every line of a service is in its log once, in order. */
function check(name: string, service: string, log: string): void {
  const read = (file: string) => Number(Deno.readTextFileSync(`${service}/${file}`));
  const last = new Map<number, number>();
  let life = 1;
  for (const line of logged(log)) {
    const [, inLife, number] = /^(\d+) (\d+) and some words that make it longer$/.exec(line) ?? [];
    if (number === undefined) throw new Error(`${name}: a line is broken: ${line}`);
    if (Number(inLife) < life) throw new Error(`${name}: a line of a former life: ${line}`);
    life = Number(inLife);
    assertEquals(Number(number), (last.get(life) ?? 0) + 1, `${name}: life ${life}`);
    last.set(life, Number(number));
  }
  const lives = read("life");
  for (let life = 1; life <= lives; life++) {
    let least = 0;
    try {
      least = read(`written.${life}`);
    } catch {
      // It was killed before it had written so much.
    }
    const found = last.get(life) ?? 0;
    assertEquals(
      found >= least && (life < lives || found === least),
      true,
      `${name}: ${found} lines of life ${life}, which has written ${least}`,
    );
  }
}

/** Returns the lines of a service's log, the oldest first, without their stamps. */
function logged(directory: string): string[] {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name)
    .filter((name) => name.startsWith("@")).sort();
  const files = [...names, "previous", "current"];
  const text = (name: string) => {
    try {
      return Deno.readTextFileSync(`${directory}/${name}`);
    } catch {
      return "";
    }
  };
  return files.flatMap((name) => text(name).split("\n").slice(0, -1)).map((line) =>
    line.replace(/^@[0-9a-f]{24} /, "")
  );
}
