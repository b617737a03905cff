/**
 * Fifty services, with and without loggers, polled, notifying, crashing, that get all commands at
 * random, while the scan is killed and started again, upgraded, and told to scan. A long walk:
 * `SV_WALK_ACTS=10000 SV_SEED=7 ./scripts/test scan/walker`.
 */
import { assert, assertEquals } from "@std/assert";
import type { Files } from "../support/files.ts";
import { type Random, seeds, withRandom } from "../support/random.ts";
import { Scan } from "../support/scan.ts";
import {
  descriptorsOf,
  memoryOf,
  readyService,
  ScanDirectory,
  silentService,
  zombiesOf,
} from "../support/scan_directory.ts";
import { isAlive } from "../support/processes.ts";
import { readStatusFile } from "../support/status_file.ts";
import { until } from "../support/until.ts";
import { assertCopied } from "./copied_status.ts";
import { EventRecorder, firstFault } from "./event_recorder.ts";

const ACTS = Number(Deno.env.get("SV_WALK_ACTS") ?? "200");
const SERVICES = 50;

/** Writes numbered lines, each with its process id and start (a long walk may see an id again), and notes each in `sent` when it is written. */
const WRITER = `#!/usr/bin/perl
use IO::Handle;
open(my $sent, ">>", "sent"); $sent->autoflush(1); STDOUT->autoflush(1);
my $me = "$$.$^T";
open(my $ready, ">&=", 3); syswrite($ready, "\\n"); close($ready);
for (my $line = 1;; $line++) {
  syswrite(STDOUT, "$me $line\\n");
  syswrite($sent, "$me $line\\n");
  select(undef, undef, undef, 0.05);
}
`;

/** Writes what it has read before it heeds SIGTERM. */
const LOGGER = `#!/usr/bin/perl
$SIG{TERM} = sub { $end = 1 };
open(my $all, ">>", "all");
while (!$end) {
  my $count = sysread(STDIN, my $text, 65536);
  next unless defined $count;
  last if $count == 0;
  syswrite($all, $text);
}
`;

/** The check of services that are polled. */
const CHECK = "sleep 0.01";

/** Leaves its service directory at once, as daemons do; its command line tells which it was. */
const DEPARTING = "#!/bin/sh\necho >&3\nexec 3>&-\nplace=$PWD\ncd /\nexec perl -e sleep $place\n";

const crashing = "#!/usr/bin/perl\nselect(undef, undef, undef, 0.05 + rand(0.7));\n";
const kinds: readonly Files[] = [
  readyService,
  { ...readyService, finish: "#!/bin/sh\nexec sleep 0.05\n" },
  { run: WRITER, "notification-fd": "3\n", "log/run": LOGGER },
  { run: crashing },
  { ...silentService, "data/sv/notifyoncheck": `-w 50 -n 0 -s 0 -c 'exec ${CHECK}'\n` },
  { ...readyService, run: "#!/bin/sh\nsleep 0.1\necho >&3\nexec 3>&- sleep 100000\n" },
  silentService,
  { ...readyService, run: DEPARTING },
];

const kindOf = (name: string) => kinds[Number(name.slice(1)) % kinds.length]!;
const isLogged = (name: string) => "log/run" in kindOf(name);
const becomesReady = (name: string) =>
  "notification-fd" in kindOf(name) || "data/sv/notifyoncheck" in kindOf(name);
const crashes = (name: string) => !name.includes("/") && kindOf(name)["run"] === crashing;

/** Returns the processes of services: `run` and `finish`, by the path of the service directory. */
function processesByService(scanDirectory: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const command = Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ");
      const [, departed] = /^perl -e sleep (\S+) $/.exec(command) ?? [];
      const cwd = departed ?? Deno.readLinkSync(`/proc/${name}/cwd`);
      if (!cwd.startsWith(`${scanDirectory}/`)) continue;
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      const [state, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state === "Z" || session !== name) continue;
      // A program that checks leads a session, too; one that is being started is still the scan.
      if (command.includes(CHECK)) continue;
      if (departed === undefined && command.includes(scanDirectory)) continue;
      found.set(cwd, [...found.get(cwd) ?? [], Number(name)]);
    } catch {
      // The process has ended.
    }
  }
  return found;
}

/** What awaits a state in the background, and whether it was right when it ended. */
interface Waiter {
  readonly child: Deno.ChildProcess;
  readonly ended: Promise<string | undefined>;
}

for (const seed of seeds(20260601)) {
  Deno.test(`a walk of ${ACTS} acts among ${SERVICES} services, seed ${seed}`, () =>
    withRandom(seed, (random) => walk(random)));
}

/** Kills processes, some of which may have ended. */
function endAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  }
}

async function walk(random: Random): Promise<void> {
  const names = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  await using directory = await ScanDirectory.make();
  using _departed = {
    [Symbol.dispose]: () => endAll([...processesByService(directory.path).values()].flat()),
  };
  for (const name of names) await directory.add(name, kindOf(name));
  let scan = await Scan.start(directory.path);
  let kills = 0;
  let said = "";
  const away = new Set<string>();
  const faults: string[] = [];
  const waiters = new Set<Waiter>();
  /** Writers whose pipe may have died with the scan, because the logger was down then. */
  const excused = new Set<string>();
  const send = (name: string, bytes: string) => directory.send(name, bytes).catch(() => {});

  const upgrade = async () => {
    const program = () => Deno.readFileSync(`/proc/${scan.pid}/auxv`).join();
    const before = program();
    await scan.send("V");
    await until(() => program() !== before, "another program");
  };

  const runningNow = () => processesByService(directory.path);
  const restart = async (end: () => Promise<unknown>) => {
    const looks = [runningNow()];
    await end();
    await scan.exited();
    kills++;
    looks.push(runningNow());
    said += scan.stderr;
    await new Promise((wake) => setTimeout(wake, random.next() * 100));
    looks.push(runningNow());
    await scan[Symbol.asyncDispose]();
    scan = await Scan.start(directory.path);
    looks.push(runningNow());
    for (const path of names.filter(isLogged).map((name) => directory.service(name))) {
      const [logger] = looks[0]!.get(`${path}/log`) ?? [];
      const survived = looks.every((look) => look.get(`${path}/log`)?.[0] === logger);
      if (logger !== undefined && survived) continue;
      for (const look of looks) look.get(path)?.forEach((pid) => excused.add(String(pid)));
      // The pipe may have held lines of any writer since the logger went down.
      for (const { writer } of await missingLines(path)) excused.add(writer);
    }
  };

  /**
   * Ends the processes that may be a service's, of which the scan has warned, and which are not the one of
   * its status: the scan waits for their end, and starts another one at `u`.
   */
  const endDoubt = async () => {
    const warning = /process ([\d, ]+).* may be the service's/g;
    const told = `${said}${scan.stderr}`.matchAll(warning);
    const doubtful = new Set([...told].flatMap(([, pids]) => pids!.split(", ").map(Number)));
    if (doubtful.size === 0) return;
    for (const [path, pids] of runningNow()) {
      const own = (await readStatusFile(path).catch(() => undefined))?.pid;
      endAll(pids.filter((pid) => doubtful.has(pid) && pid !== own));
    }
  };

  const copies = async () => {
    await endDoubt();
    for (const [path, pids] of processesByService(directory.path)) {
      if (pids.length < 2) continue;
      await new Promise((wake) => setTimeout(wake, 20));
      const still = processesByService(directory.path).get(path) ?? [];
      const both = pids.filter((pid) => still.includes(pid));
      if (both.length > 1) {
        const told = both.map((pid) => {
          try {
            const stat = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "");
            const fields = stat.split(" ");
            return `${pid} (parent ${fields[1]}, started ${fields[19]})`;
          } catch {
            return `${pid} (ended since)`;
          }
        });
        throw new Error(`${path} runs ${both.length} times: ${told}`);
      }
    }
  };

  const wait = (name: string) => {
    const option = random.pick(["-u", "-d", "-U", "-D"]);
    const recorder = recorders.get(name)!;
    const from = recorder.events.length;
    const killsBefore = kills;
    const child = new Deno.Command("s6-svwait", {
      args: ["-t", "3000", option, directory.service(name)],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    });
    const before = Deno.readFileSync(`${directory.service(name)}/supervise/status`);
    const started = child.spawn();
    const isUp = before.slice(24, 32).some((byte) => byte !== 0);
    const [finishing, isReady] = [(before[34]! & 2) !== 0, (before[34]! & 8) !== 0];
    const holds = {
      "-u": isUp && !finishing,
      "-d": !isUp || finishing,
      "-U": isUp && !finishing && isReady,
      "-D": !isUp && isReady,
    }[option];
    const events = { "-u": "uU", "-d": "dOD", "-U": "U", "-D": "D" }[option]!;
    const taken = () => scan.stderr.split(`${name}: run still runs`).length;
    const takenBefore = taken();
    const check = async () => {
      const { code } = await started.status;
      waiters.delete(waiter);
      if (code !== 0 || holds || kills !== killsBefore) return undefined;
      // A new supervisor that takes over no process begins with a service that is down. It may come late.
      const begins = option.toLowerCase() === "-d" && taken() === takenBefore ? "s" : "";
      const heard = () =>
        [...recorder.events.slice(from)].some((event) => (events + begins).includes(event));
      return await until(heard, `${option} for ${name}`).then(
        () => undefined,
        () => `s6-svwait ${option} ${name} ended early: ${recorder.events.slice(from)}`,
      );
    };
    const waiter: Waiter = { child: started, ended: check() };
    waiters.add(waiter);
    waiter.ended.then((fault) => fault !== undefined && faults.push(fault));
  };

  /** Whether the newline of a service was lost with a scan that was killed, which the next one tells. */
  const lost = (name: string, pid: number) =>
    `${said}${scan.stderr}`.includes(
      `${name}: warning: process ${pid} has closed its descriptor 3`,
    );

  /** Brings everything to a known state: services with an even number up, the others down. */
  const settle = async () => {
    for (const name of away) {
      await Deno.rename(`${directory.parent}/${name}`, directory.service(name));
    }
    away.clear();
    await scan.send("a");
    await endDoubt();
    const wanted = [
      ...names.map((name) => [name, Number(name.slice(1)) % 2 === 0] as const),
      ...names.filter(isLogged).map((name) => [`${name}/log`, true] as const),
    ];
    for (const [name, up] of wanted) {
      let sent = 0;
      let last = "";
      await until(
        async () => {
          if (Date.now() - sent > 1000) {
            sent = Date.now();
            // To the group as well: `P` may have stopped a child of run.
            await send(name, up ? "Ccu" : "Ccdk");
          }
          const status = await directory.status(name).catch(() => undefined);
          if (status !== undefined && lost(name, status.pid)) await send(name, "t");
          last = JSON.stringify(status);
          if (status === undefined || status.finishing || status.wantUp !== up) return false;
          if (status.paused) return false;
          if (name.endsWith("/log")) return status.pid !== 0;
          if (!up) return status.pid === 0 && status.ready;
          if (crashes(name)) return true;
          return status.pid !== 0 && status.ready === becomesReady(name);
        },
        `${name} to be ${up ? "up" : "down"}`,
      ).catch((error) => {
        const running = processesByService(directory.path).get(directory.service(name));
        throw new Error(`${error.message}: ${last}, processes ${running}; ${scan.stderr}`);
      });
      await assertCopied(directory.path, directory.service(name));
      if (crashes(name) && up) continue;
      // A command that was sent before may still be at work.
      await until(
        async () => {
          const { pid } = await directory.status(name);
          last = `status ${pid}, processes ${runningNow().get(directory.service(name))}`;
          return String(runningNow().get(directory.service(name)) ?? 0) === String(pid);
        },
        `the processes of ${name} to be those of its status`,
      ).catch((error) => {
        throw new Error(`${error.message}: ${last}; ${scan.stderr}`);
      });
    }
    await copies();
    // Loggers are up now. What is missing here was not lost with a pipe, and may not be excused later.
    for (const name of names.filter(isLogged)) {
      let missing: readonly MissingLines[] = [];
      await until(
        async () => {
          missing = (await missingLines(directory.service(name))).filter(({ writer }) =>
            !excused.has(writer) && !excused.has(writer.split(".")[0]!)
          );
          // A living writer always has a line on its way.
          return missing.every(({ arrived, sent, writer }) =>
            sent - arrived <= 2 && isAlive(Number(writer.split(".")[0]))
          );
        },
        `the lines of ${name} to arrive`,
      ).catch((error) => {
        throw new Error(`${error.message}: ${JSON.stringify(missing)}`);
      });
    }
  };

  await settle();
  await upgrade();
  await settle();
  const recorders = new Map(
    await Promise.all(
      names.map(async (name) =>
        [name, await EventRecorder.start(`${directory.service(name)}/event`)] as const
      ),
    ),
  );

  const acts: readonly ((name: string) => Promise<unknown>)[] = [
    (name) => send(name, random.pick(["u", "d", "o", "r", "t", "k", "O", "h", "i", "q"])),
    (name) => send(name, random.pick(["u", "r", "k", "rur", "du", "dudu", "pc", "Ou", "ud"])),
    (name) =>
      send(name, random.pick(["a", "b", "1", "2", "y", "Q", "w", "n", "cu", "P", "C", "?"])),
    (name) => send(name, random.pick(["u", "u", "ur", "cu"])),
    (name) => send(name, "x"),
    async (name) => isLogged(name) && await send(`${name}/log`, random.pick(["t", "r", "u", "d"])),
    async (name) => {
      const { pid } = await directory.status(name);
      if (pid !== 0) Deno.kill(pid, random.pick(["SIGKILL", "SIGSEGV", "SIGTERM"] as const));
    },
    async (name) => {
      // A logged service's log is followed under its name.
      if (away.size > 5 || away.has(name) || isLogged(name)) return;
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
    async () => {
      if (random.chance(0.1)) await upgrade();
    },
    async () => {
      if (!random.chance(0.15)) return;
      await restart(() => Promise.resolve(scan.signal("SIGKILL")));
    },
    async () => {
      if (!random.chance(0.05)) return;
      if (random.chance(0.5)) await scan.send("V");
      const wakeAfter = random.next() * 300;
      await new Promise((wake) => setTimeout(wake, wakeAfter));
      await restart(() =>
        random.chance(0.5) ? scan.send("b") : Promise.resolve(scan.signal("SIGABRT"))
      );
    },
    () => Promise.resolve(scan.signal(random.pick(["SIGALRM", "SIGHUP", "SIGCHLD"] as const))),
    async (name) => {
      if (waiters.size < 5) wait(name);
      await undefined;
    },
    copies,
  ];
  let warm: { readonly descriptors: number; readonly memory: number } | undefined;
  for (let act = 0; act < ACTS; act++) {
    await random.pick(acts)(random.pick(names)).catch((error) => {
      const gone = error instanceof Deno.errors.NotFound || error.code === "ESRCH";
      if (!gone && !(error instanceof Deno.errors.NotADirectory)) {
        throw new Error(`act ${act}: ${error.message}; ${scan.stderr}`, { cause: error });
      }
    });
    assertEquals(faults, []);
    if (random.chance(0.3)) await new Promise((wake) => setTimeout(wake, random.next() * 20));
    if (act % 1000 === 999) await settle();
  }
  await Promise.all([...waiters].map(({ ended }) => ended));
  assertEquals(faults, []);
  await settle();

  // A new scan, so that what is measured has only its own past; churn without kills from here on.
  await restart(() => Promise.resolve(scan.signal("SIGKILL")));
  for (let round = 0; round < 3; round++) {
    for (let turn = 0; turn < 4; turn++) {
      for (const name of names) if (!crashes(name)) await send(name, "r");
      await new Promise((wake) => setTimeout(wake, 300));
    }
    await settle();
    const now = { descriptors: descriptorsOf(scan.pid), memory: memoryOf(scan.pid) };
    warm ??= now;
    assert(
      now.descriptors - warm.descriptors <= 4,
      `${warm.descriptors} descriptors became ${now.descriptors}`,
    );
    assert(now.memory - warm.memory < 30, `memory has grown from ${warm.memory} to ${now.memory}`);
  }
  await until(() => zombiesOf(scan.pid).length === 0, "no zombie to be left");
  for (const [name, recorder] of recorders) {
    const events = await recorder.stop();
    assertEquals(firstFault(events, true), undefined, `${name} told ${events}`);
  }
  said += scan.stderr;
  assert(!/unhandled|TypeError|fatal|cannot watch/.test(said), said);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
  await scan[Symbol.asyncDispose]();
  for (const name of names.filter(isLogged)) await checkLines(directory, name, excused);
}

/** A writer of which lines have not arrived. */
interface MissingLines {
  /** Its process id and start. */
  readonly writer: string;
  /** How many lines it has sent. */
  readonly sent: number;
  /** How many of them have arrived. */
  readonly arrived: number;
}

/** Returns the number of the last line of each writer, whose lines must be in order. */
function lastLines(text: string, name: string): Map<string, number> {
  const numbers = new Map<string, number>();
  // The last line may be being written.
  for (const line of text.slice(0, text.lastIndexOf("\n")).split("\n")) {
    if (line === "") continue;
    const [writer, number] = line.split(" ") as [string, string];
    const former = numbers.get(writer) ?? 0;
    assertEquals(
      Number(number),
      former + 1,
      `line after ${former} of process ${writer} of ${name}`,
    );
    numbers.set(writer, Number(number));
  }
  return numbers;
}

/** Returns the writers of a logged service of which lines have not arrived. */
async function missingLines(service: string): Promise<MissingLines[]> {
  const read = (file: string) => Deno.readTextFile(`${service}/${file}`).catch(() => "");
  // A line is noted after it was sent: what was noted first has arrived, or is missing.
  const sent = lastLines(await read("sent"), service);
  const logged = lastLines(await read("log/all"), service);
  return [...sent].map(([writer, sent]) => ({ writer, sent, arrived: logged.get(writer) ?? 0 }))
    .filter(({ arrived, sent }) => arrived < sent);
}

/** Checks that each line of a logged service has arrived once, in order. */
async function checkLines(
  directory: ScanDirectory,
  name: string,
  excused: ReadonlySet<string>,
): Promise<void> {
  const missing = (await missingLines(directory.service(name))).filter(({ writer }) =>
    !excused.has(writer) && !excused.has(writer.split(".")[0]!)
  );
  assertEquals(missing, [], `lines of ${name} have not arrived`);
}
