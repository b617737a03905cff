/**
 * Thirty services that are started, killed, flooded, moved and reconfigured at random, while the scan is
 * upgraded now and then. `SV_SOAK_SECONDS` sets for how long; `SV_SOAK_SEED`, or `SV_SEED` as in every
 * random test, sets the seed.
 */
import { assert, assertEquals } from "@std/assert";
import { type Random, seeds, withRandom } from "../support/random.ts";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";
import { Scan } from "../support/scan.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { EventRecorder, firstFault } from "./event_recorder.ts";
import { memoryOf, ScanDirectory, silentService, zombiesOf } from "../support/scan_directory.ts";

const SECONDS = Number(Deno.env.get("SV_SOAK_SECONDS") ?? "15");
const SEED = seeds(Number(Deno.env.get("SV_SOAK_SEED") ?? "20260101"))[0]!;
const SERVICES = 30;

const ready = {
  run: "#!/bin/sh\necho running\necho >&3\nexec 3>&- sleep 100000\n",
  "notification-fd": "3\n",
};
const kinds = [
  ready,
  { ...ready, finish: "#!/bin/sh\nexec sleep 0.05\n" },
  { ...ready, "log/run": "#!/bin/sh\nexec s6-log -b n3 s10000 ./main\n" },
  { ...ready, run: "#!/bin/sh\ntrap '' TERM\necho >&3\nexec 3>&-\nsleep 100000 &\nwait\nwait\n" },
  silentService,
];

/** Returns how many more descriptors of each kind there are, or fewer. */
function differenceOf(before: Map<string, string>, after: Map<string, string>): string {
  const kinds = new Map<string, number>();
  const add = (target: string, number: number) => {
    const kind = target.replace(/^.*\/(?=supervise\/|s\d+(\/log)?$)/, "").replaceAll(/\d+/g, "N");
    kinds.set(kind, (kinds.get(kind) ?? 0) + number);
  };
  for (const target of after.values()) add(target, 1);
  for (const target of before.values()) add(target, -1);
  return [...kinds].filter(([, number]) => number !== 0)
    .map(([kind, number]) => `${number} × ${kind}`).join(", ");
}

Deno.test(`${SERVICES} services for ${SECONDS} s, seed ${SEED}`, () => withRandom(SEED, soak));

async function soak(random: Random): Promise<void> {
  const names = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  const kind = (name: string) => kinds[Number(name.slice(1)) % kinds.length]!;
  await using directory = await ScanDirectory.make();
  for (const name of names) await directory.add(name, kind(name));
  await using scan = await Scan.start(directory.path);
  const away = new Set<string>();

  const send = (name: string, bytes: string) => directory.send(name, bytes).catch(() => {});
  const upgrade = async () => {
    const program = () => Deno.readFileSync(`/proc/${scan.pid}/auxv`).join();
    const before = program();
    await scan.send("V");
    await until(() => program() !== before, "another program");
  };

  /** Brings everything to a known state: services with an even number up, the others down. */
  const settle = async () => {
    for (const name of away) {
      await Deno.rename(`${directory.parent}/${name}`, directory.service(name));
    }
    away.clear();
    await scan.send("a");
    for (const name of names) {
      const up = Number(name.slice(1)) % 2 === 0;
      let sent = 0;
      await until(
        async () => {
          // A supervisor that was about to exit has not read the command.
          if (Date.now() - sent > 500) {
            sent = Date.now();
            await send(name, up ? "cu" : "cd");
            await send(name, up ? "" : "k");
          }
          const { code } = await run(["s6-svok", directory.service(name)]);
          if (code !== 0) return false;
          const status = await directory.status(name).catch(() => undefined);
          if (status === undefined || status.finishing || status.wantUp !== up) return false;
          if (status.paused) return false;
          return up
            ? status.pid !== 0 && (status.ready || !("notification-fd" in kind(name)))
            : status.pid === 0 && status.ready;
        },
        `${name} to be ${up ? "up" : "down"}`,
      );
    }
  };

  await settle();
  await upgrade();
  await settle();
  // The last thing that a new program opens, when it has taken everything over.
  const hasBegun = () => [...openDescriptors(scan.pid).values()].includes("anon_inode:[signalfd]");
  await until(hasBegun, "the new program to receive signals");
  const before = openDescriptors(scan.pid);
  const memory = memoryOf(scan.pid);
  const recorders = await Promise.all(
    names.map((name) => EventRecorder.start(`${directory.service(name)}/event`)),
  );

  const acts: readonly ((name: string) => Promise<unknown>)[] = [
    (name) => send(name, random.pick(["u", "d", "o", "r", "t", "k", "O", "h", "i", "q"])),
    (name) => send(name, random.pick(["u", "d", "r", "k", "rur", "du", "dudu", "pc", "Ou"])),
    async (name) => {
      const { pid } = await directory.status(name);
      if (pid !== 0) Deno.kill(pid, random.pick(["SIGKILL", "SIGSEGV", "SIGTERM"] as const));
    },
    (name) => send(name, random.pick(["c", "?", "uc", "oO"]).repeat(2000)),
    (name) => send(name, "x"),
    async (name) => {
      if (away.size > 5 || away.has(name)) return;
      await Deno.rename(directory.service(name), `${directory.parent}/${name}`);
      away.add(name);
      await scan.send(random.pick(["h", "an", "aN"]));
    },
    async () => {
      const name = random.pick([...away, ""]);
      if (name === "") return;
      await Deno.rename(`${directory.parent}/${name}`, directory.service(name));
      away.delete(name);
      await scan.send(random.pick(["a", "h"]));
    },
    async (name) => {
      const file = random.pick([
        "timeout-kill",
        "timeout-finish",
        "max-death-tally",
        "down-signal",
      ]);
      const text = random.pick(["50\n", "0\n", "nonsense", "15\n"]);
      await Deno.writeTextFile(`${directory.service(name)}/${file}`, text);
    },
    async () => {
      if (random.chance(0.1)) await upgrade();
    },
    () => Promise.resolve(scan.signal(random.pick(["SIGALRM", "SIGHUP", "SIGCHLD"] as const))),
  ];
  const end = Date.now() + SECONDS * 1000;
  let count = 0;
  while (Date.now() < end) {
    // A service that has been moved away can't be reached.
    await random.pick(acts)(random.pick(names)).catch((error) => {
      const gone = error instanceof Deno.errors.NotFound || error.code === "ESRCH";
      if (!gone && !(error instanceof Deno.errors.NotADirectory)) throw error;
    });
    count++;
    if (random.chance(0.3)) await new Promise((wake) => setTimeout(wake, random.next() * 20));
  }
  for (const name of names) {
    await Deno.remove(`${directory.service(name)}/down-signal`).catch(() => {});
    await Deno.remove(`${directory.parent}/${name}/down-signal`).catch(() => {});
  }
  await settle();

  console.log(`${count} acts`);
  await until(hasBegun, "the new program to receive signals");
  const after = openDescriptors(scan.pid);
  assert(
    Math.abs(after.size - before.size) <= 4,
    `${before.size} descriptors became ${after.size}: ${differenceOf(before, after)}`,
  );
  const grown = memoryOf(scan.pid) - memory;
  assert(grown < 30, `memory has grown by ${grown} MiB`);
  await until(() => zombiesOf(scan.pid).length === 0, "no zombie to be left");
  for (const [index, name] of names.entries()) {
    const events = await recorders[index]!.stop();
    assertEquals(firstFault(events), undefined, `${name} told ${events}`);
  }
  assert(!/unhandled|TypeError|fatal/.test(scan.stderr), scan.stderr);
  for (const name of names) {
    await Deno.writeTextFile(`${directory.service(name)}/timeout-kill`, "100\n");
  }
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
}
