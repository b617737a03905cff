/** A scan is replaced by the program on disk: same process, and its services notice nothing. */
import { assert, assertEquals } from "@std/assert";
import { exists } from "@std/fs/exists";
import { fromFileUrl } from "@std/path";
import { DEADLINE } from "../support/deadline.ts";
import { FifodirListener } from "../support/fifodir_listener.ts";
import { writeFiles } from "../support/files.ts";
import { testNeeding } from "../support/needs.ts";
import { isAlive, ofThreads } from "../support/processes.ts";
import { sv, svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";
import { COUNTER } from "./counter.ts";
import { Scan } from "../support/scan.ts";
import {
  descriptorsOf,
  gone,
  readyService,
  ScanDirectory,
  silentService,
  zombiesOf,
} from "../support/scan_directory.ts";
import { writeFifo } from "../support/write_fifo.ts";

const root = fromFileUrl(new URL("../../", import.meta.url));

const forms: Readonly<Record<string, readonly string[]>> = {
  "as it was built": svCommand("scan"),
  "from source": [`${root}scripts/deno`, "run", "--quiet", "-A", `${root}cli.ts`, "scan"],
};

/** From source, the program on disk is Deno, which a test can neither remove nor replace. */
const noExecutable = sv.length === 1 ? undefined : "dist/sv has not been built";

/** Returns data of the kernel's that differ between the programs that a process becomes. */
function program(pid: number): string {
  return Deno.readFileSync(`/proc/${pid}/auxv`).toString();
}

/** Waits until the scan does what it is told: a service is stopped and continued. */
async function serves(directory: ScanDirectory, name: string): Promise<void> {
  await directory.send(name, "p");
  await directory.until(name, ({ paused }) => paused, "to be paused");
  await directory.send(name, "c");
  await directory.until(name, ({ paused }) => !paused, "to go on");
}

/** Waits until a scan is another program than before. */
async function replaced(scan: Scan, before: string): Promise<void> {
  await until(() => program(scan.pid) !== before, "another program").catch((error) => {
    throw new Error(`${error.message}; it said: ${scan.stderr}`);
  });
}

/** Upgrades a scan, and waits until the other program serves; "ping" is a service of its own. */
async function upgrade(directory: ScanDirectory, scan: Scan): Promise<void> {
  const before = program(scan.pid);
  await scan.send("V");
  await replaced(scan, before);
  await serves(directory, "ping");
}

for (const [form, command] of Object.entries(forms)) {
  Deno.test(`upgraded 20 times in a row under load, ${form}`, async () => {
    const logged = {
      run: COUNTER,
      "notification-fd": "3\n",
      "log/run": "#!/bin/sh\nexec s6-log -b -- n1000 s100000 ./main\n",
    };
    await using directory = await ScanDirectory.make({
      ping: silentService,
      quiet: readyService,
      one: logged,
      two: logged,
      crashing: { run: "#!/bin/sh\necho $$ >>starts\n", finish: "#!/bin/sh\nsleep 0.05\n" },
    });
    await using scan = await Scan.start(directory.path, { command });
    await directory.up("ping");
    const names = ["ping", "quiet", "one", "two", "one/log", "two/log"];
    const before = new Map<string, number>();
    for (const name of names) before.set(name, (await directory.up(name)).pid);
    for (const name of ["quiet", "one", "two"]) await directory.ready(name);
    const ready = await directory.ready("quiet");
    await using listener = await FifodirListener.subscribe(
      `${directory.service("crashing")}/event`,
    );
    await listener.until("D");
    let descriptors = 0;
    for (let round = 0; round < 20; round++) {
      await upgrade(directory, scan);
      if (round === 2) descriptors = descriptorsOf(scan.pid);
    }
    assert(descriptorsOf(scan.pid) <= descriptors + 3, "descriptors leak");
    assertEquals(await directory.status("quiet"), ready);
    for (const [name, pid] of before) assertEquals((await directory.up(name)).pid, pid, name);
    // The events of one life follow those of another: none is missing, none comes twice.
    await directory.send("crashing", "O");
    await directory.until("crashing", ({ pid, wantUp }) => pid === 0 && !wantUp, "to be down");
    await directory.send("crashing", "x");
    const events = await listener.until("x");
    assert(/^(udD)+x$/.test(events.replace(/x?s(udD)*x$/, "x")), events);
    assert(zombiesOf(scan.pid).length === 0);
    await scan.send("t");
    assertEquals((await scan.exited()).code, 0, scan.stderr);
    assertEquals(scan.stderr, "");
    for (const name of ["one", "two"]) await assertComplete(directory, name);
  });

  Deno.test(`a service that dies in the middle of an upgrade is restarted, ${form}`, async () => {
    await using directory = await ScanDirectory.make({ ping: silentService, a: readyService });
    await using scan = await Scan.start(directory.path, { command });
    await directory.up("ping");
    let { pid } = await directory.ready("a");
    for (let round = 0; round < 8; round++) {
      const program_ = program(scan.pid);
      await scan.send("V");
      // At a different moment each time, from before the change to well after it.
      await new Promise((wake) => setTimeout(wake, round * 5));
      Deno.kill(pid, "SIGKILL");
      await replaced(scan, program_);
      pid = (await directory.restarted("a", pid)).pid;
      await directory.ready("a");
    }
    assertEquals(zombiesOf(scan.pid), []);
    assertEquals((await directory.read("a/starts")).trim().split("\n").length, 9);
  });

  Deno.test(`a signal in the middle of an upgrade is not lost, ${form}`, async () => {
    await using directory = await ScanDirectory.make({ ping: silentService });
    await using scan = await Scan.start(directory.path, { command });
    await directory.up("ping");
    await upgrade(directory, scan);
    for (let round = 0; round < 12; round++) {
      const before = program(scan.pid);
      await directory.add(`s${round}`, readyService);
      await scan.send("V");
      await new Promise((wake) => setTimeout(wake, round * 3));
      scan.signal("SIGHUP");
      await directory.ready(`s${round}`);
      await replaced(scan, before);
    }
    scan.signal("SIGTERM");
    assertEquals((await scan.exited()).code, 0, scan.stderr);
  });

  Deno.test(`timers that were pending go on, ${form}`, async () => {
    // On a slow host an upgrade may take longer than the timers have left: then with longer ones.
    for (let limit = 3000; !await timersGoOn(command, limit); limit *= 4) {
      assert(limit < DEADLINE, `an upgrade took longer than ${limit / 3} ms`);
    }
  });
}

/**
 * Upgrades a scan in the middle of a `timeout-kill` and a `timeout-finish`, and expects that they go on.
 *
 * @param command The command line of the scan.
 * @param limit How long both are, in milliseconds.
 * @returns Whether the upgrade was over in time, so that the timers could be looked at.
 */
async function timersGoOn(command: readonly string[], limit: number): Promise<boolean> {
  await using directory = await ScanDirectory.make({
    ping: silentService,
    stubborn: {
      run: "#!/bin/sh\ntrap '' TERM\necho >&3\nwhile :; do sleep 0.1; done\n",
      "notification-fd": "3\n",
      "timeout-kill": `${limit}\n`,
    },
    finishing: {
      ...readyService,
      finish: "#!/bin/sh\nexec sleep 100000\n",
      "timeout-finish": `${limit}\n`,
    },
  });
  await using scan = await Scan.start(directory.path, { command });
  const { pid } = await directory.ready("stubborn");
  const finishing = await directory.ready("finishing");
  const began = performance.now();
  await directory.send("stubborn", "d");
  await directory.send("finishing", "r");
  await directory.until("finishing", ({ finishing }) => finishing, "to finish");
  await new Promise((wake) => setTimeout(wake, limit / 2 - (performance.now() - began)));
  await upgrade(directory, scan);
  if (performance.now() - began > limit * 5 / 6) return false;
  assert(isAlive(pid));
  await gone(pid);
  const elapsed = performance.now() - began;
  assert(elapsed > limit - 100, `killed after ${elapsed} ms`);
  // If the timer began anew, it would ring after one and a half times the limit.
  assert(elapsed < limit * 1.47, `killed after ${elapsed} ms`);
  await directory.restarted("finishing", finishing.pid);
  assert(performance.now() - began < limit * 1.47);
  return true;
}

Deno.test("readiness that is told in the middle of an upgrade is known afterwards", async () => {
  await using directory = await ScanDirectory.make({
    ping: silentService,
    a: {
      run: "#!/bin/sh\nmkfifo go\nread -r _ <go\necho >&3\nexec 3>&-\nexec sleep 100000\n",
      "notification-fd": "3\n",
    },
  });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.up("a");
  await until(() => exists(`${directory.path}/a/go`), "a FIFO");
  await using listener = await FifodirListener.subscribe(`${directory.service("a")}/event`);
  await upgrade(directory, scan);
  await scan.send("V");
  await writeFifo(`${directory.path}/a/go`, "\n");
  assertEquals(await listener.until("U"), "U");
  assertEquals((await directory.ready("a")).pid, pid);
});

Deno.test("a service that waits to be tried again is tried by the other program", async () => {
  await using directory = await ScanDirectory.make({ ping: silentService, bad: readyService });
  await Deno.writeTextFile(`${directory.path}/bad/supervise`, "");
  await using scan = await Scan.start(directory.path);
  await directory.up("ping");
  await scan.says(/bad: warning/);
  await upgrade(directory, scan);
  await Deno.remove(`${directory.path}/bad/supervise`);
  await directory.ready("bad");
});

Deno.test("an upgrade waits for the services that are still to be started", async () => {
  await using directory = await ScanDirectory.make({ ping: silentService });
  await using scan = await Scan.start(directory.path, {
    // Below what the scan needs for itself, so services are started one by one.
    through: ["/bin/sh", "-c", 'ulimit -Sn 512; exec "$@"', "sh"],
  });
  await directory.up("ping");
  const names = Array.from({ length: 300 }, (_, index) => `s${index}`);
  for (const name of names) await directory.add(name, readyService);
  const before = program(scan.pid);
  await scan.send("aV");
  await replaced(scan, before);
  await serves(directory, "ping");
  for (const name of names) {
    await directory.ready(name);
    assertEquals((await directory.read(`${name}/starts`)).trim().split("\n").length, 1);
  }
  assert(!scan.stderr.includes("call stack"), scan.stderr);
});

Deno.test("while everything comes down there is no upgrade", async () => {
  await using directory = await ScanDirectory.make({
    a: {
      ...readyService,
      finish: "#!/bin/sh\nmkfifo go\nread -r _ <go\n",
      "timeout-finish": "0\n",
    },
  });
  await using scan = await Scan.start(directory.path);
  await directory.ready("a");
  await scan.send("t");
  await until(() => exists(`${directory.path}/a/go`), "a FIFO");
  await scan.send("V");
  await scan.says("no upgrade");
  await writeFifo(`${directory.path}/a/go`, "\n");
  assertEquals((await scan.exited()).code, 0);
});

testNeeding([noExecutable], "without a program on disk the scan goes on as before", async () => {
  await using directory = await ScanDirectory.make({ ping: silentService, a: readyService });
  const copy = `${directory.parent}/sv`;
  await Deno.copyFile(sv[0]!, copy);
  await using scan = await Scan.start(directory.path, { command: [copy, "scan"] });
  const { pid } = await directory.ready("a");
  await directory.up("ping");
  let descriptors = 0;
  const inherited = descriptorsOf(pid);
  const before = program(scan.pid);
  await Deno.rename(copy, `${copy}.away`);
  for (let round = 0; round < 3; round++) {
    await scan.send("V");
    await until(() => scan.stderr.split("no upgrade").length === round + 2, "a warning");
    await serves(directory, "ping");
    if (round === 0) descriptors = descriptorsOf(scan.pid);
  }
  assertEquals(program(scan.pid), before);
  assertEquals(descriptorsOf(scan.pid), descriptors);
  await directory.send("a", "r");
  const after = await directory.restarted("a", pid);
  await until(
    () => descriptorsOf(after.pid) === inherited,
    "what was to be handed over to be private again",
  );
  scan.signal("SIGALRM");
  await directory.add("b", readyService);
  await scan.send("a");
  await directory.ready("b");
  await Deno.rename(`${copy}.away`, copy);
  await upgrade(directory, scan);
  assertEquals((await directory.status("a")).pid, after.pid);
});

testNeeding([noExecutable], "it is the program on disk that takes over", async () => {
  await using directory = await ScanDirectory.make({ ping: silentService, a: readyService });
  const copy = `${directory.parent}/sv`;
  await Deno.copyFile(sv[0]!, copy);
  await using scan = await Scan.start(directory.path, { command: [copy, "scan"] });
  const { pid } = await directory.ready("a");
  await directory.up("ping");
  await writeFiles(directory.parent, {
    "sv.new": `#!/bin/sh\necho "$1 $2" >>"${directory.parent}/ran"\nexec "${sv[0]}" "$@"\n`,
  });
  await Deno.rename(`${copy}.new`, copy);
  await upgrade(directory, scan);
  assertEquals(await Deno.readTextFile(`${directory.parent}/ran`), "scan --trial\nscan --resume\n");
  assertEquals((await directory.status("a")).pid, pid);
});

testNeeding(
  [noExecutable],
  "a request that comes while another one is being refused is not lost, whoever has sent it",
  async () => {
    await using directory = await ScanDirectory.make({ ping: silentService });
    const copy = `${directory.parent}/sv`;
    await Deno.copyFile(sv[0]!, copy);
    await using scan = await Scan.start(directory.path, { command: [copy, "scan"] });
    await directory.up("ping");
    const before = program(scan.pid);
    const go = `${directory.parent}/go`;
    await run(["mkfifo", go]);
    await writeFiles(directory.parent, {
      "sv.bad": `#!/bin/sh\n: >"${directory.parent}/tried"\nread -r _ <"${go}"\nexit 1\n`,
    });
    await Deno.rename(copy, `${copy}.good`);
    await Deno.rename(`${copy}.bad`, copy);
    await scan.send("V");
    await until(() => exists(`${directory.parent}/tried`), "the trial");
    await Deno.rename(`${copy}.good`, copy);
    await directory.add("later", readyService);
    await scan.send("Va");
    // The commands have been read, in their order.
    await directory.ready("later");
    assertEquals(program(scan.pid), before);
    await writeFifo(go, "\n");
    await replaced(scan, before);
    await serves(directory, "ping");
    assertEquals(scan.stderr.split("no upgrade").length, 2, scan.stderr);
  },
);

/** How a scan is told to end. */
const ENDS = {
  "-b": { leaves: true, tell: (scan: Scan) => scan.send("b") },
  "SIGABRT": { leaves: true, tell: (scan: Scan) => Promise.resolve(scan.signal("SIGABRT")) },
  "-t": { leaves: false, tell: (scan: Scan) => scan.send("t") },
  "SIGTERM": { leaves: false, tell: (scan: Scan) => Promise.resolve(scan.signal("SIGTERM")) },
} as const;

/** Moments of an upgrade: each waits for its own, after the request. */
const MOMENTS: Readonly<Record<string, (scan: Scan, before: string) => Promise<void>>> = {
  "right after the request": () => Promise.resolve(),
  "while the program on disk is tried": async (scan, before) => {
    const children = () => [...ofThreads(scan.pid, "children").values()].join(" ").split(/\s+/);
    // A fast trial may be over before it is seen.
    const tried = () => children().some(isTrial) || program(scan.pid) !== before;
    await until(tried, "the trial");
  },
  "when the program changes": (scan, before) => replaced(scan, before),
  "while the new program starts": async (scan, before) => {
    await replaced(scan, before);
    const running = () =>
      Deno.readTextFileSync(`/proc/${scan.pid}/status`).match(/^Threads:\s*(\d+)/m)![1] !== "1";
    await until(running, "the new program to have threads");
  },
};

/** Whether a process is the program on disk, on trial. */
function isTrial(pid: string): boolean {
  try {
    return pid !== "" && Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("--trial");
  } catch {
    return false;
  }
}

for (const [how, { leaves, tell }] of Object.entries(ENDS)) {
  for (const [when, moment] of Object.entries(MOMENTS)) {
    Deno.test(`${how} ${when} means what it means at any time`, async () => {
      await using directory = await ScanDirectory.make({ a: readyService, b: silentService });
      await using scan = await Scan.start(directory.path);
      const pids = [(await directory.ready("a")).pid, (await directory.up("b")).pid];
      const before = program(scan.pid);
      await scan.send("V");
      await moment(scan, before);
      await tell(scan);
      assertEquals((await scan.exited()).code, 0, scan.stderr);
      assertEquals(pids.map(isAlive), [leaves, leaves]);
    });
  }
}

Deno.test("services inherit nothing from an upgrade", async () => {
  await using directory = await ScanDirectory.make({
    ping: silentService,
    a: { run: "#!/bin/sh\nls /proc/self/fd | wc -l >before\nenv >env\nexec sleep 100000\n" },
  });
  await using scan = await Scan.start(directory.path);
  const a = await directory.up("a");
  const line = (text: string) => text.includes("PWD=");
  const environment = await directory.contains("a/env", line, "variables");
  const descriptors = await directory.read("a/before");
  await upgrade(directory, scan);
  await upgrade(directory, scan);
  await Deno.remove(`${directory.path}/a/env`);
  await directory.send("a", "r");
  const { pid } = await directory.restarted("a", a.pid);
  assertEquals(await directory.contains("a/env", line, "variables"), environment);
  assertEquals(await directory.read("a/before"), descriptors);
  // A shell blocks its signals for a moment where it starts a program.
  await until(
    () => Deno.readTextFileSync(`/proc/${pid}/comm`) === "sleep\n",
    "run has become sleep",
  );
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  assert(/SigBlk:\t0+\n/.test(status), status);
  const limits = await Deno.readTextFile(`/proc/${pid}/limits`);
  const own = (await run(["sh", "-c", "ulimit -Sn"])).stdout.trim();
  assert(new RegExp(`^Max open files +${own} `, "m").test(limits), limits);
});

async function assertComplete(directory: ScanDirectory, name: string): Promise<void> {
  const { stdout } = await run(["sh", "-c", "cat main/@* main/current 2>/dev/null"], {
    cwd: directory.service(`${name}/log`),
  });
  const found = stdout.split("\n").slice(0, -1).map(Number);
  assertEquals(found.length, Number(await directory.read(`${name}/count`)));
  assertEquals(found.findIndex((line, index) => line !== index + 1), -1);
}
