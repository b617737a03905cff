/** A service and its logger: no byte is lost, no matter which of the two ends first. */
import { assert, assertEquals } from "@std/assert";
import type { Files } from "../support/files.ts";
import { isAlive } from "../support/processes.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";
import { COUNTER } from "./counter.ts";
import { Scan } from "../support/scan.ts";
import { gone, ScanDirectory } from "../support/scan_directory.ts";
import { writeFifo } from "../support/write_fifo.ts";

/**
 * Loggers: the script of each, and how to read all that it has written. Of these only s6-log keeps what
 * it has read when it is ended: svlogd loses some of it under s6-svscan, too.
 */
const loggers: Readonly<Record<string, { run: string; read: string }>> = {
  "s6-log": {
    run: "#!/bin/sh\nexec s6-log -b -- n1000 s100000 ./main\n",
    read: "cat main/@* main/current 2>/dev/null",
  },
  svlogd: {
    run: "#!/bin/sh\nmkdir -p main\nprintf 'n1000\\ns100000\\n' >main/config\nexec svlogd ./main\n",
    read: "cat main/@* main/current 2>/dev/null",
  },
};

function counting(logger: string): Files {
  return { run: COUNTER, "notification-fd": "3\n", "log/run": loggers[logger]!.run };
}

async function lines(directory: ScanDirectory, logger: string): Promise<string[]> {
  const { stdout } = await run(["sh", "-c", loggers[logger]!.read], {
    cwd: directory.service("a/log"),
  });
  return stdout.split("\n").slice(0, -1);
}

async function counted(directory: ScanDirectory): Promise<number> {
  return Number(await directory.read("a/count").catch(() => "0"));
}

/** Tells whether a process sleeps, and not because it waits for a child. */
function sleepsAlone(pid: number): boolean {
  const children = () => Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
  const asleep = () => /^State:\tS/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  return children() === "" && asleep() && children() === "";
}

/** Waits until the service has written that many more lines. */
async function more(directory: ScanDirectory, count: number): Promise<void> {
  const before = await counted(directory);
  await until(async () => await counted(directory) > before + count, `${count} more lines`);
}

/** Every byte is there, in order. A logger may break a line that it had read only in part. */
function assertComplete(found: readonly string[], count: number) {
  const written = Array.from({ length: count }, (_, index) => index + 1).join("");
  assertEquals(found.join("") === written, true, `${found.length} lines of ${count}`);
}

for (const logger of ["s6-log", "svlogd"]) {
  const restarts = logger === "s6-log" ? "both are" : "the service is";
  Deno.test(`${logger} gets every line, however often ${restarts} restarted`, async () => {
    await using directory = await ScanDirectory.make({ a: counting(logger) });
    await using scan = await Scan.start(directory.path);
    let { pid } = await directory.ready("a");
    for (let round = 0; round < 3; round++) {
      await more(directory, 100);
      if (logger === "s6-log") {
        const log = await directory.up("a/log");
        await directory.send("a/log", "t");
        await directory.restarted("a/log", log.pid);
        await more(directory, 100);
      }
      await directory.send("a", "r");
      pid = (await directory.restarted("a", pid)).pid;
    }
    await more(directory, 100);
    await scan.send("t");
    assertEquals((await scan.exited()).code, 0);
    assertComplete(await lines(directory, logger), await counted(directory));
    assertEquals(scan.stderr, "");
  });
}

Deno.test("a logger that is down for a while gets everything later", async () => {
  await using directory = await ScanDirectory.make({ a: counting("s6-log") });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("a");
  await directory.send("a/log", "d");
  await directory.until("a/log", ({ pid }) => pid === 0, "to be down");
  // The pipe fills up, and the service waits until it can write.
  await until(async () => {
    const before = await counted(directory);
    return before > 100 && sleepsAlone(pid) && await counted(directory) === before;
  }, "the pipe to be full");
  assert(isAlive(pid));
  await directory.send("a/log", "u");
  await more(directory, 100);
  assertEquals((await directory.status("a")).pid, pid);
  await scan.send("t");
  await scan.exited();
  assertComplete(await lines(directory, "s6-log"), await counted(directory));
});

Deno.test("a logger that is slow drains before it exits", async () => {
  const slow = '#!/bin/sh\nwhile read -r line; do echo "$line" >>all; done\necho end >>all\n';
  const run = "#!/bin/sh\nseq 1 500\necho >&3\nexec 3>&- sleep 100000\n";
  await using directory = await ScanDirectory.make({
    a: { run, "notification-fd": "3\n", "log/run": slow, "log/down": "" },
  });
  await using scan = await Scan.start(directory.path);
  await directory.ready("a");
  // The logger starts to read only now.
  await directory.send("a/log", "o");
  await directory.up("a/log");
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
  const all = (await directory.read("a/log/all")).trim().split("\n");
  assertEquals(all.length, 501);
  assertEquals(all.at(-1), "end");
});

Deno.test("-q ends loggers that would go on reading", async () => {
  const files = {
    run: "#!/bin/sh\nsetsid sleep 100000 &\necho >&3\nexec sleep 100000\n",
    "notification-fd": "3\n",
    "log/run": "#!/bin/sh\necho >started\nexec cat\n",
  };
  await using directory = await ScanDirectory.make({ a: files });
  await using scan = await Scan.start(directory.path);
  await directory.ready("a");
  await directory.contains("a/log/started", () => true, "something");
  const { pid } = await directory.up("a/log");
  // A child of the service that stays keeps the pipe open, and -t waits for it.
  await scan.send("t");
  await directory.until("a", ({ pid }) => pid === 0, "to be down");
  assert(isAlive(pid) && isAlive(scan.pid));
  await scan.send("q");
  assertEquals((await scan.exited()).code, 0);
  await gone(pid);
});

for (const [command, drained] of [["an", true], ["aN", false]] as const) {
  Deno.test(`-${command} ${drained ? "lets" : "does not let"} a removed logger read on`, async () => {
    await using directory = await ScanDirectory.make({
      a: {
        // A child of the service that stays keeps the pipe open.
        run: "#!/bin/sh\nmkfifo go\n(trap '' TERM; read -r _ <go; echo late; echo >said) &\n" +
          "echo >&3\nexec sleep 100000\n",
        "notification-fd": "3\n",
        "log/run": "#!/bin/sh\necho >started\nexec cat >all\n",
      },
    });
    await using scan = await Scan.start(directory.path);
    await directory.ready("a");
    await directory.contains("a/log/started", () => true, "something");
    const { pid } = await directory.up("a/log");
    const moved = `${directory.parent}/a`;
    await Deno.rename(directory.service("a"), moved);
    await scan.send(command);
    if (!drained) {
      await gone(pid);
      return;
    }
    await until(async () => (await run(["s6-svok", moved])).code === 1, "a to be let go");
    assert(isAlive(pid));
    await writeFifo(`${moved}/go`, "\n");
    await gone(pid);
    assertEquals(await Deno.readTextFile(`${moved}/log/all`), "late\n");
    assertEquals(scan.stderr, "");
  });
}

Deno.test("a logger that turns up later is joined when the service starts again", async () => {
  const files = {
    run: "#!/bin/sh\necho $$\necho >&3\nexec sleep 100000\n",
    "notification-fd": "3\n",
  };
  await using directory = await ScanDirectory.make({ a: files });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("a");
  await directory.add("a/log", { run: "#!/bin/sh\nexec cat >all\n" });
  await scan.send("a");
  await directory.up("a/log");
  await directory.send("a", "r");
  const after = await directory.restarted("a", pid);
  const all = await directory.contains("a/log/all", (text) => text.endsWith("\n"), "a line");
  assertEquals(all, `${after.pid}\n`);
});

Deno.test("what a service has as stdin, and a logger as stdout, is the scan's", async () => {
  const files = {
    run: "#!/bin/sh\nreadlink /proc/self/fd/0 >&2\nexec sleep 100000\n",
    "log/run": "#!/bin/sh\necho logged\nexec cat\n",
  };
  await using directory = await ScanDirectory.make({ a: files });
  await using scan = await Scan.start(directory.path);
  await until(() => scan.stdout === "logged\n", "the logger to write to the scan's stdout");
  await scan.says("/dev/null");
});

Deno.test("the errors of s6-svscan-log go to the console, the others' to it", async () => {
  // As under an init: stdout and stderr are a FIFO that the catch-all logger reads.
  await using directory = await ScanDirectory.make({
    "s6-svscan-log": {
      run: "#!/bin/sh\nexec <../../catch-all\necho to-the-console >&2\nexec cat >all\n",
    },
    a: { run: "#!/bin/sh\necho to-the-logger >&2\nexec sleep 100000\n" },
  });
  assertEquals((await run(["mkfifo", `${directory.parent}/catch-all`])).code, 0);
  await using scan = await Scan.start(directory.path, {
    through: [
      "/bin/sh",
      "-c",
      `cd ${directory.parent}; exec 5>&2 3<>catch-all >catch-all 2>&1 3<&-; exec "$@"`,
      "sh",
    ],
    options: ["-X", "5"],
  });
  await scan.says("to-the-console");
  const caught = (text: string) => text.includes("to-the-logger\n");
  await directory.contains("s6-svscan-log/all", caught, "what a said");
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0, scan.stderr);
});

Deno.test("the console goes through an upgrade, and no service gets it", async () => {
  const text = "#!/bin/sh\n(: >&7) 2>/dev/null && has=it || has=nothing\n" +
    'echo "has $has" >>starts\nexec sleep 100000\n';
  await using directory = await ScanDirectory.make({
    a: { run: text },
    ".s6-svscan": { finish: "#!/bin/sh\necho in the end\n" },
  });
  const console = `${directory.parent}/console`;
  await using scan = await Scan.start(directory.path, {
    through: ["/bin/sh", "-c", 'exec 7>"$0"; exec "$@"', console],
    options: ["-X", "7"],
  });
  const started = (times: number) =>
    directory.contains(
      "a/starts",
      (text) => text === "has nothing\n".repeat(times),
      `${times} starts without the console`,
    );
  await started(1);
  for (let round = 1; round <= 2; round++) {
    const upgraded = await run([...svCommand("scanctl"), "--upgrade", directory.path]);
    assertEquals([upgraded.code, upgraded.stderr], [0, ""]);
    await directory.send("a", "r");
    await started(round + 1);
  }
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0, scan.stderr);
  assertEquals(await Deno.readTextFile(console), "in the end\n");
});

const quiet = { run: "#!/bin/sh\nexec sleep 100000 </dev/null\n" };

Deno.test("s6-svscan-log may also read a pipe that the scan has inherited both ends of", async () => {
  await using directory = await ScanDirectory.make({
    "s6-svscan-log": { run: "#!/bin/sh\nexec cat >all\n" },
    a: { run: "#!/bin/sh\nexec </dev/null\necho hello\nexec sleep 100000\n" },
    ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`s${index}`, quiet])),
  });
  await using scan = await Scan.start(directory.path, {
    through: [
      "bash",
      "-c",
      `shopt -s lastpipe; : | { exec 5>&2 >/proc/self/fd/0 2>&1; exec "$@" 255>&-; }`,
      "bash",
    ],
    options: ["-X", "5"],
  });
  const caught = (text: string) => text.includes("hello\n");
  await directory.contains("s6-svscan-log/all", caught, "what a said");
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0, scan.stderr);
});
