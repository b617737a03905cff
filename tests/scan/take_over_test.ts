/** A scan that is killed leaves its services running; the next one takes them over. */
import { assert, assertEquals } from "@std/assert";
import { exists, existsSync } from "@std/fs/exists";
import { FifodirListener } from "../support/fifodir_listener.ts";
import type { Files } from "../support/files.ts";
import { missingPrograms, missingRoot, testNeeding } from "../support/needs.ts";
import { isAlive } from "../support/processes.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";
import { Scan } from "../support/scan.ts";
import { gone, readyService, ScanDirectory } from "../support/scan_directory.ts";
import { writeFifo } from "../support/write_fifo.ts";

async function killed(scan: Scan): Promise<void> {
  scan.signal("SIGKILL");
  await scan.exited();
}

async function starts(directory: ScanDirectory, name: string): Promise<number[]> {
  return (await directory.read(`${name}/starts`)).trim().split("\n").map(Number);
}

Deno.test("a survivor keeps its process, times and readiness", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  const first = await Scan.start(directory.path);
  const before = await directory.ready("a");
  await killed(first);
  assert(isAlive(before.pid));
  await using scan = await Scan.start(directory.path);
  await scan.says(`taking it over`);
  assertEquals(await directory.status("a"), before);
  assertEquals(await starts(directory, "a"), [before.pid]);
});

Deno.test("a survivor obeys commands, and is restarted when it dies", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  const first = await Scan.start(directory.path);
  const before = await directory.ready("a");
  await killed(first);
  await using scan = await Scan.start(directory.path);
  await scan.says(`taking it over`);
  await using events = await FifodirListener.subscribe(`${directory.service("a")}/event`);
  await directory.send("a", "t");
  assertEquals(await events.until("U"), "dDuU");
  const after = await directory.restarted("a", before.pid);
  assertEquals(await starts(directory, "a"), [before.pid, after.pid]);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
  await gone(after.pid);
});

Deno.test("a survivor that dies is seen to, whenever that is", async () => {
  await using directory = await ScanDirectory.make({ a: readyService, b: readyService });
  const first = await Scan.start(directory.path);
  const a = await directory.ready("a");
  const b = await directory.ready("b");
  await killed(first);
  // One dies while no scan is running, the other afterwards.
  Deno.kill(a.pid, "SIGKILL");
  await gone(a.pid);
  await using scan = await Scan.start(directory.path);
  await directory.restarted("a", a.pid);
  await scan.says(`${b.pid}: taking it over`);
  Deno.kill(b.pid, "SIGKILL");
  await directory.restarted("b", b.pid);
});

Deno.test("survivors may die during an upgrade: each death is seen to, and the scan goes on", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `s${index}`);
  await using directory = await ScanDirectory.make(
    Object.fromEntries(names.map((name) => [name, readyService])),
  );
  const first = await Scan.start(directory.path);
  const before = await Promise.all(names.map((name) => directory.ready(name)));
  await killed(first);
  await using scan = await Scan.start(directory.path);
  for (const { pid } of before) await scan.says(`process ${pid}: taking it over`);
  const program = () => Deno.readFileSync(`/proc/${scan.pid}/auxv`).join();
  const old = program();
  await scan.send("V");
  await until(() => program() !== old, "the new program");
  // Stopped before it resumes anything, so that the processes are dead and reaped by then.
  scan.signal("SIGSTOP");
  for (const { pid } of before) Deno.kill(pid, "SIGKILL");
  for (const { pid } of before) await until(() => !existsSync(`/proc/${pid}`), "a reaped survivor");
  scan.signal("SIGCONT");
  for (const [index, name] of names.entries()) {
    await directory.restarted(name, before[index]!.pid);
  }
  assertEquals(scan.stderr.includes("warning"), false, scan.stderr);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
});

Deno.test("a survivor that was started once only stays down when it dies", async () => {
  await using directory = await ScanDirectory.make({ a: { ...readyService, down: "" } });
  const first = await Scan.start(directory.path);
  await directory.until("a", ({ pid }) => pid === 0, "to be down");
  await directory.send("a", "o");
  const { pid } = await directory.ready("a");
  await killed(first);
  await using scan = await Scan.start(directory.path);
  await scan.says("taking it over");
  Deno.kill(pid, "SIGKILL");
  const { wantUp } = await directory.until("a", ({ pid }) => pid === 0, "to be down");
  assertEquals(wantUp, false);
});

Deno.test("a survivor that is not ready yet can still say so", async () => {
  await using directory = await ScanDirectory.make({
    a: {
      run: "#!/bin/sh\nmkfifo go\nread -r _ <go\necho >&3\nexec 3>&-\nexec sleep 100000\n",
      "notification-fd": "3\n",
    },
  });
  const first = await Scan.start(directory.path);
  const { pid } = await directory.up("a");
  await until(() => exists(`${directory.path}/a/go`), "a FIFO");
  await killed(first);
  await using scan = await Scan.start(directory.path);
  await scan.says("taking it over");
  await using events = await FifodirListener.subscribe(`${directory.service("a")}/event`);
  await writeFifo(`${directory.path}/a/go`, "\n");
  assertEquals(await events.until("U"), "U");
  assertEquals((await directory.ready("a")).pid, pid);
});

Deno.test("a finish that survives is waited for before run is started again", async () => {
  await using directory = await ScanDirectory.make({
    a: {
      ...readyService,
      finish: "#!/bin/sh\nmkfifo go\nread -r _ <go\nrm go\n",
      "timeout-finish": "0\n",
    },
  });
  const first = await Scan.start(directory.path);
  const a = await directory.ready("a");
  await directory.send("a", "r");
  const { pid } = await directory.until("a", ({ finishing }) => finishing, "to finish");
  await until(() => exists(`${directory.path}/a/go`), "a FIFO");
  await killed(first);
  await using scan = await Scan.start(directory.path);
  await scan.says("finish still runs");
  assertEquals((await directory.status("a")).pid, pid);
  assertEquals(await starts(directory, "a"), [a.pid]);
  await writeFifo(`${directory.path}/a/go`, "\n");
  await directory.restarted("a", pid);
  await directory.ready("a");
  assertEquals((await starts(directory, "a")).length, 2);
});

Deno.test("a finish that survives is killed when its time is up", async () => {
  await using directory = await ScanDirectory.make({
    a: { ...readyService, finish: "#!/bin/sh\nexec sleep 100000\n", "timeout-finish": "700\n" },
  });
  const first = await Scan.start(directory.path);
  await directory.ready("a");
  await directory.send("a", "r");
  const { pid } = await directory.until("a", ({ finishing }) => finishing, "to finish");
  await killed(first);
  await using _scan = await Scan.start(directory.path);
  await directory.restarted("a", pid);
  assert(!isAlive(pid));
});

Deno.test("a process that got the number of a service, but leads no session, is none of it", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  const first = await Scan.start(directory.path);
  const a = await directory.ready("a");
  await killed(first);
  Deno.kill(a.pid, "SIGKILL");
  await gone(a.pid);
  const stranger = new Deno.Command("sleep", { args: ["100000"] }).spawn();
  try {
    await rewritePid(directory, "a", stranger.pid);
    await using _scan = await Scan.start(directory.path);
    const after = await directory.restarted("a", stranger.pid);
    assertEquals((await starts(directory, "a")).at(-1), after.pid);
    assert(isAlive(stranger.pid));
  } finally {
    stranger.kill("SIGKILL");
    await stranger.status;
  }
});

Deno.test("a process that got the number of a service, but started later, is none of it", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  const first = await Scan.start(directory.path);
  const a = await directory.ready("a");
  await killed(first);
  Deno.kill(a.pid, "SIGKILL");
  await gone(a.pid);
  // A session leader, as a service is, in another directory.
  const stranger = new Deno.Command("setsid", { args: ["sleep", "100000"], cwd: "/" }).spawn();
  try {
    await until(() => leadsSession(stranger.pid), "the stranger to lead a session");
    await rewritePid(directory, "a", stranger.pid, -10_000);
    await using _scan = await Scan.start(directory.path);
    await directory.restarted("a", stranger.pid);
    assert(isAlive(stranger.pid));
  } finally {
    stranger.kill("SIGKILL");
    await stranger.status;
  }
});

/** Starts a process of another user that leads a session and works in a service directory. */
function startStranger(directory: string): Deno.ChildProcess {
  return new Deno.Command("setpriv", {
    args: ["--reuid=65534", "--regid=65534", "--clear-groups", "setsid", "sleep", "100000"],
    cwd: directory,
  }).spawn();
}

// Strangers get a process id by starting processes until it comes round.
for (
  const [recorded, replace] of [
    ["without a record", () => ""],
    [
      "with the number of a recorded one",
      (text: string, pid: number) => text.replace(/^\d+/, String(pid)),
    ],
    ["of a former boot", (text: string, pid: number) => {
      const ticks = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]!.split(" ")[19];
      return text.replace(/^\d+ \d+ [0-9a-f]/, `${pid} ${ticks} g`);
    }],
  ] as const
) {
  testNeeding(
    [missingRoot("to start a process of another user")],
    `a stranger's process ${recorded} is not taken over, in the service directory either`,
    async () => {
      await using directory = await ScanDirectory.make({ a: readyService });
      const first = await Scan.start(directory.path);
      const a = await directory.ready("a");
      await killed(first);
      Deno.kill(a.pid, "SIGKILL");
      await gone(a.pid);
      await Deno.chmod(directory.parent, 0o755);
      const stranger = startStranger(directory.service("a"));
      try {
        await until(() => leadsSession(stranger.pid), "the stranger to lead a session");
        await rewritePid(directory, "a", stranger.pid);
        const record = `${directory.service("a")}/supervise/process`;
        const text = await Deno.readTextFile(record);
        assertEquals(text.split(" ")[0], String(a.pid));
        await Deno.writeTextFile(record, replace(text, stranger.pid));
        await using scan = await Scan.start(directory.path);
        const after = await directory.restarted("a", stranger.pid);
        assertEquals((await starts(directory, "a")).at(-1), after.pid);
        assert(isAlive(stranger.pid));
        assert(!scan.stderr.includes("taking it over") || scan.stderr.includes("not taking"));
      } finally {
        stranger.kill("SIGKILL");
        await stranger.status;
      }
    },
  );
}

testNeeding(
  [missingPrograms("s6-supervise")],
  "a service that s6-supervise has left is not taken over, and the scan says so",
  async () => {
    await using directory = await ScanDirectory.make({ a: readyService });
    const s6 = new Deno.Command("s6-supervise", { args: [directory.service("a")] }).spawn();
    const before = await directory.ready("a");
    s6.kill("SIGKILL");
    await s6.status;
    await using scan = await Scan.start(directory.path);
    await scan.says(`supervise/status names process ${before.pid}, which runs`);
    await directory.restarted("a", before.pid);
    assert(isAlive(before.pid));
  },
);

Deno.test("with a lock-fd a survivor that the status doesn't know is waited for", async () => {
  await using directory = await ScanDirectory.make({ a: { ...readyService, "lock-fd": "7\n" } });
  const first = await Scan.start(directory.path);
  const a = await directory.ready("a");
  await killed(first);
  await Deno.remove(`${directory.path}/a/supervise/status`);
  await using scan = await Scan.start(directory.path);
  await scan.says("another instance of the service is still running");
  await directory.restarted("a", a.pid);
  assertEquals(await starts(directory, "a"), [a.pid], "no second copy runs");
  Deno.kill(a.pid, "SIGKILL");
  await directory.ready("a");
  assertEquals((await starts(directory, "a")).length, 2);
});

// It holds both ends of its FIFO: a read waits for a line, and never sees the end of a writer.
const logged: Files = {
  run: "#!/bin/sh\nmkfifo go 2>/dev/null\nexec 4<>go\necho >&3\nexec 3>&-\n" +
    "while read -r line <&4; do echo $line; done\n",
  "notification-fd": "3\n",
  "log/run": "#!/bin/sh\nexec cat >>all\n",
};

async function say(directory: ScanDirectory, line: string): Promise<void> {
  await writeFifo(`${directory.path}/a/go`, `${line}\n`);
  await directory.contains("a/log/all", (text) => text.endsWith(`${line}\n`), line);
}

Deno.test("a service and its logger that survive stay joined, also with their successors", async () => {
  await using directory = await ScanDirectory.make({ a: logged });
  const first = await Scan.start(directory.path);
  const a = await directory.ready("a");
  const log = await directory.up("a/log");
  await say(directory, "one");
  await killed(first);
  await say(directory, "two");
  await using scan = await Scan.start(directory.path);
  await scan.says(`run still runs as process ${a.pid}`);
  await scan.says(`run still runs as process ${log.pid}`);
  await say(directory, "three");
  await directory.send("a/log", "t");
  const newLog = await directory.restarted("a/log", log.pid);
  await say(directory, "four");
  await directory.send("a", "r");
  await directory.restarted("a", a.pid);
  await directory.ready("a");
  await say(directory, "five");
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0, "the logger reads to the end, which comes");
  await gone(newLog.pid);
  assertEquals(await directory.read("a/log/all"), "one\ntwo\nthree\nfour\nfive\n");
});

Deno.test("a service whose logger is dead gets a new one on the same pipe", async () => {
  await using directory = await ScanDirectory.make({ a: logged });
  const first = await Scan.start(directory.path);
  const a = await directory.ready("a");
  const log = await directory.up("a/log");
  await say(directory, "one");
  await killed(first);
  Deno.kill(log.pid, "SIGKILL");
  await gone(log.pid);
  await using _scan = await Scan.start(directory.path);
  await directory.restarted("a/log", log.pid);
  await say(directory, "two");
  assertEquals((await directory.status("a")).pid, a.pid);
});

Deno.test("the pipe that a scan had as its stdout is not taken for one to a logger", async () => {
  await using directory = await ScanDirectory.make({
    a: { ...logged, run: logged["run"]!.replace("echo $line", "echo got $line") },
  });
  await Deno.rename(`${directory.path}/a/log`, `${directory.parent}/log`);
  const first = await Scan.start(directory.path);
  const a = await directory.ready("a");
  await killed(first);
  await Deno.rename(`${directory.parent}/log`, `${directory.path}/a/log`);
  await using _scan = await Scan.start(directory.path);
  await directory.up("a/log");
  assertEquals((await directory.status("a")).pid, a.pid);
  await writeFifo(`${directory.path}/a/go`, "line\n");
  await until(() => first.stdout === "got line\n", "the line to go where it always went");
});

Deno.test("a scan is killed ten times while services come and go", async () => {
  await using directory = await ScanDirectory.make({
    a: readyService,
    b: logged,
    c: { ...readyService, run: "#!/bin/sh\necho $$ >>starts\nsleep 0.3\n" },
  });
  let scan = await Scan.start(directory.path);
  const a = await directory.ready("a");
  for (let round = 0; round < 10; round++) {
    await killed(scan);
    scan = await Scan.start(directory.path);
    await directory.up("c");
  }
  assertEquals((await directory.status("a")).pid, a.pid);
  assertEquals(await starts(directory, "a"), [a.pid]);
  const alive = (await starts(directory, "c")).filter(isAlive);
  assert(alive.length <= 1, `${alive.length} copies of c run`);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
  await scan[Symbol.asyncDispose]();
});

/** Returns a field of `/proc/PID/stat`, counted after the name. */
function statField(pid: number, field: number): string {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[field]!;
}

/** Makes the files of a service those of a supervisor that is killed while it starts `run`. */
async function forgetStart(
  directory: ScanDirectory,
  name: string,
  { recorded, ticks }: { readonly recorded: boolean; readonly ticks: number },
): Promise<void> {
  const boot = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  const record = `${directory.service(name)}/supervise/process`;
  if (!recorded) await Deno.writeTextFile(record, `starting ${ticks} ${boot} run\n`);
  const path = `${directory.service(name)}/supervise/status`;
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(24, 0n);
  view.setUint8(34, 4);
  await Deno.writeFile(path, bytes);
}

for (const recorded of [true, false]) {
  const when = recorded ? "before its status is written" : "before its process is recorded";
  Deno.test(`a service is taken over whose scan is killed ${when}`, async () => {
    await using directory = await ScanDirectory.make({
      a: {
        run: "#!/bin/sh\necho $$ >>starts\nmkfifo go\nread -r _ <go\necho >&3\nexec 3>&-\n" +
          "exec sleep 100000\n",
        "notification-fd": "3\n",
      },
    });
    const first = await Scan.start(directory.path);
    const { pid } = await directory.up("a");
    await until(() => exists(`${directory.path}/a/go`), "a FIFO");
    await killed(first);
    const ticks = Number(statField(pid, 19));
    await forgetStart(directory, "a", { recorded, ticks });
    await using events = await FifodirListener.subscribe(`${directory.service("a")}/event`);
    await using scan = await Scan.start(directory.path);
    assertEquals(await events.until("u"), "su");
    await scan.says(`process ${pid}: taking it over`);
    assertEquals((await directory.status("a")).pid, pid);
    // Before it is recorded, `starting`: the next supervisor would have to look for it again.
    assert((await directory.read("a/supervise/process")).startsWith(`${pid} `));
    await writeFifo(`${directory.path}/a/go`, "\n");
    assertEquals(await events.until("U"), "U");
    assertEquals(await starts(directory, "a"), [pid]);
  });
}

Deno.test("a finish is taken over whose scan is killed before its process is recorded", async () => {
  await using directory = await ScanDirectory.make({
    a: {
      ...readyService,
      finish: "#!/bin/sh\nmkfifo go\nread -r _ <go\nrm go\n",
      "timeout-finish": "0\n",
    },
  });
  const first = await Scan.start(directory.path);
  await directory.ready("a");
  await directory.send("a", "r");
  const { pid } = await directory.until("a", ({ finishing }) => finishing, "to finish");
  await until(() => exists(`${directory.path}/a/go`), "a FIFO");
  await killed(first);
  await forgetStart(directory, "a", { recorded: false, ticks: Number(statField(pid, 19)) });
  const record = `${directory.service("a")}/supervise/process`;
  await Deno.writeTextFile(record, (await Deno.readTextFile(record)).replace(/run\n/, "finish\n"));
  await using scan = await Scan.start(directory.path);
  await scan.says(`finish still runs as process ${pid}`);
  assertEquals((await starts(directory, "a")).length, 1);
  await writeFifo(`${directory.path}/a/go`, "\n");
  await directory.restarted("a", pid);
});

/** Returns the beginning of ten seconds in which nothing was started that runs now, the last before a time. */
function quietTicks(before: number): number {
  const starts = [before];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      starts.push(Number(statField(Number(name), 19)));
    } catch {
      // It has ended.
    }
  }
  const free = (ticks: number) => !starts.some((start) => start >= ticks && start <= ticks + 1000);
  const found = starts.map((start) => start - 1001).filter((ticks) => ticks > 0 && free(ticks));
  return Math.max(...found.filter((ticks) => ticks < before));
}

Deno.test("what was started long after the scan was killed is none of its services", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  const first = await Scan.start(directory.path);
  const { pid } = await directory.ready("a");
  await killed(first);
  const ticks = quietTicks(Number(statField(pid, 19)));
  await forgetStart(directory, "a", { recorded: false, ticks });
  await using _scan = await Scan.start(directory.path);
  await directory.restarted("a", pid);
  assert(isAlive(pid), "a stranger's process is left alone");
});

/** A daemon that leaves its service directory, as daemons do, and perhaps its user. */
function departing(as: readonly string[] = []): Files {
  const become = [...as, "sleep", "100000"].join(" ");
  return { run: `#!/bin/sh\necho $$ >>starts\ncd /\nexec ${become}\n` };
}

const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** Waits until a departing daemon works elsewhere, as itself, and returns its process id. */
async function departed(directory: ScanDirectory, name: string): Promise<number> {
  const { pid } = await directory.up(name);
  await until(
    () => Deno.readTextFileSync(`/proc/${pid}/cmdline`).startsWith("sleep\0"),
    `${name} to be elsewhere`,
  );
  return pid;
}

/** Kills processes at the end of the block: those that work elsewhere do not end with their directory. */
function killing(pids: readonly number[]): Disposable {
  return {
    [Symbol.dispose]: () => pids.filter(isAlive).forEach((pid) => Deno.kill(pid, "SIGKILL")),
  };
}

async function forgetStartOf(
  directory: ScanDirectory,
  name: string,
  pid: number,
): Promise<void> {
  await forgetStart(directory, name, { recorded: false, ticks: Number(statField(pid, 19)) });
}

for (const [who, as] of [["its own user", []], ["another user", NOBODY]] as const) {
  testNeeding(
    as.length > 0 ? [missingRoot("to start a process of another user")] : [],
    `a daemon of ${who} that has left its directory before it was recorded is not doubled`,
    async () => {
      await using directory = await ScanDirectory.make({ a: departing(as) });
      const first = await Scan.start(directory.path);
      const pid = await departed(directory, "a");
      using _ended = killing([pid]);
      await killed(first);
      await forgetStartOf(directory, "a", pid);
      await using scan = await Scan.start(directory.path);
      await scan.says(new RegExp(`a: warning: .* process .*\\b${pid}\\b.* may be the service's`));
      assertEquals((await directory.status("a")).pid, 0);
      assertEquals(await starts(directory, "a"), [pid]);
      await directory.send("a", "u");
      const second = await departed(directory, "a");
      using _secondEnded = killing([second]);
      assertEquals(await starts(directory, "a"), [pid, second], "-u starts it all the same");
      assert(isAlive(pid));
    },
  );
}

Deno.test("services in doubt at the same time wait, but not for what another one has recorded", async () => {
  await using directory = await ScanDirectory.make({
    a: departing(),
    b: departing(),
    c: { ...departing(), "log/run": "#!/bin/sh\nexec cat\n" },
    known: departing(),
  });
  const first = await Scan.start(directory.path);
  const names = ["a", "b", "c"];
  const pids = await Promise.all(names.map((name) => departed(directory, name)));
  const known = await departed(directory, "known");
  using _ended = killing([...pids, known]);
  await killed(first);
  const ticks = Math.min(...[...pids, known].map((pid) => Number(statField(pid, 19))));
  for (const name of names) await forgetStart(directory, name, { recorded: false, ticks });
  await using scan = await Scan.start(directory.path);
  await scan.says(`process ${known}: taking it over`);
  for (const [index, name] of names.entries()) {
    const warning = new RegExp(`${name}: warning: .* process (.*) may be the service's`);
    await scan.says(warning);
    const doubtful = warning.exec(scan.stderr)![1]!.match(/\d+/g)!.map(Number);
    assert(doubtful.includes(pids[index]!), scan.stderr);
    assert(!doubtful.includes(known), scan.stderr);
    assertEquals(await starts(directory, name), [pids[index]!]);
  }
});

Deno.test("another supervisor's process that is recorded where it works is not waited for", async () => {
  await using directory = await ScanDirectory.make();
  await using other = await ScanDirectory.make({ known: readyService });
  await directory.add("a", departing());
  const first = await Scan.start(directory.path);
  const second = await Scan.start(other.path);
  const pid = await departed(directory, "a");
  using _ended = killing([pid]);
  const { pid: known } = await other.ready("known");
  await killed(first);
  await killed(second);
  const ticks = Math.min(...[pid, known].map((pid) => Number(statField(pid, 19))));
  await forgetStart(directory, "a", { recorded: false, ticks });
  await using scan = await Scan.start(directory.path);
  const warning = /a: warning: .* process (.*) may be the service's/;
  await scan.says(warning);
  const doubtful = warning.exec(scan.stderr)![1]!.match(/\d+/g)!.map(Number);
  assert(doubtful.includes(pid), scan.stderr);
  assert(!doubtful.includes(known), scan.stderr);
});

Deno.test("a start that failed leaves nothing to look for", async () => {
  await using directory = await ScanDirectory.make({ a: { run: "#!/no/such/shell\n" } });
  await using scan = await Scan.start(directory.path);
  await scan.says("cannot start ./run");
  assertEquals((await directory.read("a/supervise/process")).split("\n", 1), ["none"]);
});

for (const upgraded of [false, true]) {
  testNeeding(
    [missingRoot("to start a process of another user")],
    `a process that may be the service's, of another user, is neither taken over nor doubled${
      upgraded ? ", also after an upgrade" : ""
    }`,
    async () => {
      await using directory = await ScanDirectory.make({
        a: {
          run: "#!/bin/sh\necho $$ >>starts\n" +
            "exec setpriv --reuid=65534 --regid=65534 --clear-groups sleep 100000\n",
        },
      });
      const first = await Scan.start(directory.path);
      const { pid } = await directory.up("a");
      const uid = () => Deno.readTextFileSync(`/proc/${pid}/status`).includes("Uid:\t65534");
      await until(uid, "another user");
      await killed(first);
      await forgetStart(directory, "a", { recorded: false, ticks: Number(statField(pid, 19)) });
      await using scan = await Scan.start(directory.path);
      await scan.says(`process ${pid} may be the service's`);
      assertEquals((await directory.status("a")).pid, 0);
      if (upgraded) {
        const { code, stderr } = await run([...svCommand("scanctl"), "--upgrade", directory.path]);
        assertEquals(code, 0, stderr);
      }
      assertEquals(await starts(directory, "a"), [pid]);
      Deno.kill(pid, "SIGKILL");
      await directory.restarted("a", pid);
      await until(async () => (await starts(directory, "a")).length === 2, "a second start");
    },
  );
}

function leadsSession(pid: number): boolean {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]) === pid;
}

/** Makes the status of a service name another process, that started so much earlier or later. */
async function rewritePid(
  directory: ScanDirectory,
  name: string,
  pid: number,
  milliseconds = 0,
): Promise<void> {
  const path = `${directory.service(name)}/supervise/status`;
  const bytes = await Deno.readFile(path);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(24, BigInt(pid));
  view.setBigUint64(0, view.getBigUint64(0) + BigInt(Math.round(milliseconds / 1000)));
  await Deno.writeFile(path, bytes);
}
