/** How a scan ends, and what signals and executables have to do with it. */
import { assert, assertEquals } from "@std/assert";
import { writeFiles } from "../support/files.ts";
import { isAlive } from "../support/processes.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";
import { FifodirListener } from "../support/fifodir_listener.ts";
import { Scan, scans } from "../support/scan.ts";
import { gone, readyService, ScanDirectory } from "../support/scan_directory.ts";
import { writeFifo } from "../support/write_fifo.ts";

const pair = {
  ...readyService,
  "log/run": "#!/bin/sh\nexec cat >written\n",
};

for (
  const [how, tell] of [
    ["-t", (scan: Scan) => run(["s6-svscanctl", "-t", scan.directory])],
    ["-i", (scan: Scan) => run(["s6-svscanctl", "-i", scan.directory])],
    ["-q", (scan: Scan) => run(["s6-svscanctl", "-q", scan.directory])],
    ["sv scanctl -t", (scan: Scan) => run([...svCommand("scanctl"), "-t", scan.directory])],
    ["SIGTERM", (scan: Scan) => scan.signal("SIGTERM")],
    ["SIGINT", (scan: Scan) => scan.signal("SIGINT")],
    ["SIGQUIT", (scan: Scan) => scan.signal("SIGQUIT")],
  ] as const
) {
  Deno.test(`${how} brings everything down, then the scan exits 0`, async () => {
    await using directory = await ScanDirectory.make({ a: readyService, b: pair });
    await using scan = await Scan.start(directory.path);
    const pids = [
      (await directory.ready("a")).pid,
      (await directory.ready("b")).pid,
      (await directory.up("b/log")).pid,
    ];
    await using events = await FifodirListener.subscribe(`${directory.service("b")}/event`);
    await tell(scan);
    assertEquals((await scan.exited()).code, 0);
    for (const pid of pids) assert(!isAlive(pid));
    assertEquals(await events.until("x"), "dDx");
    for (const name of ["a", "b", "b/log"]) {
      const { pid, ready } = await directory.status(name);
      assertEquals([pid, ready], [0, true]);
      assertEquals((await run(["s6-svok", directory.service(name)])).code, 1);
    }
    assertEquals(scan.stderr, "");
  });
}

for (const how of ["-b", "SIGABRT"]) {
  Deno.test(`${how} ends the scan at once, and leaves all services alone`, async () => {
    await using directory = await ScanDirectory.make({ a: readyService, b: pair });
    await using scan = await Scan.start(directory.path);
    const names = ["a", "b", "b/log"];
    const pids = [];
    for (const name of names) pids.push((await directory.up(name)).pid);
    if (how === "-b") await scan.send("b");
    else scan.signal("SIGABRT");
    assertEquals((await scan.exited()).code, 0);
    for (const pid of pids) assert(isAlive(pid));
    await using _again = await Scan.start(directory.path);
    for (const [index, name] of names.entries()) {
      assertEquals((await directory.up(name)).pid, pids[index]);
    }
  });
}

for (
  const [how, tell] of [
    ["-tb", (scan: Scan) => run(["s6-svscanctl", "-tb", scan.directory])],
    ["-qb", (scan: Scan) => run([...svCommand("scanctl"), "-qb", scan.directory])],
    ["SIGABRT after SIGTERM", async (scan: Scan, directory: ScanDirectory) => {
      scan.signal("SIGTERM");
      await directory.until("b", ({ wantUp }) => !wantUp, "to be brought down");
      scan.signal("SIGABRT");
    }],
  ] as const
) {
  Deno.test(`${how} lets each service be brought down, with its finish and its timeouts`, async () => {
    const finish = "#!/bin/sh\nsleep 0.2\necho done >finished\n";
    const deaf = "#!/bin/sh\ntrap '' TERM\necho >&3\nexec 3>&-\nwhile :; do sleep 0.1; done\n";
    await using directory = await ScanDirectory.make({
      a: { ...readyService, finish },
      b: { ...readyService, run: deaf, finish, "timeout-kill": "300\n" },
    });
    await writeFiles(directory.path, {
      ".s6-svscan/finish": "#!/bin/sh\ncat a/finished b/finished >all\n",
    });
    await using scan = await Scan.start(directory.path);
    const names = ["a", "b"];
    for (const name of names) await directory.ready(name);
    await using a = await FifodirListener.subscribe(`${directory.service("a")}/event`);
    await using b = await FifodirListener.subscribe(`${directory.service("b")}/event`);
    await tell(scan, directory);
    assertEquals((await scan.exited()).code, 0);
    assertEquals([await a.until("x"), await b.until("x")], ["dDx", "dDx"]);
    assertEquals(await directory.read("all"), "done\ndone\n");
    assertEquals((await directory.status("b")).waitStatus & 127, 9);
    assertEquals(scan.stderr, "");
  });
}

for (const supervisor of ["s6", "sv"] as const) {
  Deno.test(`under ${supervisor} a service that ends itself and the scan, as s6-linux-init's last stage, prints nothing`, async () => {
    const last = "#!/bin/sh\nwhile [ ! -e go ]; do sleep 0.05; done\n" +
      "s6-svc -Ox .\ns6-svscanctl -b ..\n";
    await using directory = await ScanDirectory.make({
      a: readyService,
      b: pair,
      last: { run: last },
    });
    await writeFiles(directory.path, { ".s6-svscan/finish": "#!/bin/sh\necho $$ >finished\n" });
    await using scan = await Scan.start(directory.path, { command: scans[supervisor] });
    for (const name of ["a", "b"]) await directory.ready(name);
    await directory.up("b/log");
    await directory.up("last");
    await Deno.writeTextFile(`${directory.service("last")}/go`, "");
    assertEquals((await scan.exited()).code, 0);
    assertEquals(await directory.read("finished"), `${scan.pid}\n`);
    assertEquals([scan.stdout, scan.stderr], ["", ""]);
  });
}

Deno.test("a service that ends itself and its supervisor comes again only after a second", async () => {
  // The last stage of an init ends so, and tells the scan to end a moment later.
  const run = "#!/bin/sh\ndate +%s%N >>starts\nsleep 1.1\n[ ! -e ended ] || exec sleep 100000\n" +
    "s6-svc -Ox .\ndate +%s%N >ended\n";
  await using directory = await ScanDirectory.make({ a: { run } });
  await using scan = await Scan.start(directory.path);
  const twice = (text: string) => text.split("\n").length === 3;
  const [, second] = (await directory.contains("a/starts", twice, "two starts")).split("\n");
  const ended = await directory.read("a/ended");
  const wait = Number(BigInt(second!) - BigInt(ended.trim())) / 1e6;
  assert(wait > 900, `started again after ${wait} ms`);
  assertEquals(scan.stderr, "");
});

Deno.test("finish never writes to the catch-all logger, which ends after -b", async () => {
  await using directory = await ScanDirectory.make({
    "s6-svscan-log": {
      run: "#!/bin/sh\nexec <../../catch-all\necho up >up\nexec cat >all 2>/dev/null\n",
    },
  });
  await writeFiles(directory.path, {
    ".s6-svscan/finish": "#!/bin/sh\nfds=$(readlink /proc/$$/fd/1 /proc/$$/fd/2)\n" +
      'echo "$fds" >../finished\n',
  });
  assertEquals((await run(["mkfifo", `${directory.parent}/catch-all`])).code, 0);
  await using scan = await Scan.start(directory.path, {
    through: [
      ...["/bin/sh", "-c"],
      `cd ${directory.parent}; exec 3<>catch-all >catch-all 2>&1 3<&-; exec "$@"`,
      "sh",
    ],
  });
  await directory.contains("s6-svscan-log/up", () => true, "a line");
  const { pid } = await directory.up("s6-svscan-log");
  await scan.send("b");
  assertEquals((await scan.exited()).code, 0);
  assertEquals(
    await Deno.readTextFile(`${directory.parent}/finished`),
    "/dev/null\n/dev/null\n",
  );
  await gone(pid);
});

for (const supervisor of ["s6", "sv"] as const) {
  Deno.test(`under ${supervisor} -bt, read at once, is -t`, async () => {
    const finish = "#!/bin/sh\nsleep 0.2\necho done >finished\n";
    await using directory = await ScanDirectory.make({ a: { ...readyService, finish } });
    await using scan = await Scan.start(directory.path, { command: scans[supervisor] });
    await directory.ready("a");
    await scan.send("bt");
    assertEquals((await scan.exited()).code, 0);
    assertEquals(await directory.read("a/finished"), "done\n");
    assertEquals(scan.stderr, "");
  });
}

Deno.test("SIGABRT ends a scan that has many services to start yet, and starts no more", async () => {
  const names = Array.from({ length: 400 }, (_, index) => `s${index}`);
  await using directory = await ScanDirectory.make();
  await using scan = await Scan.start(directory.path);
  for (const name of names) await directory.add(name, readyService);
  await scan.send("ab");
  assertEquals((await scan.exited()).code, 0, scan.stderr);
  const supervised = await Promise.all(
    names.map((name) => Deno.stat(`${directory.service(name)}/supervise`).then(() => 1, () => 0)),
  );
  const count = supervised.reduce<number>((sum, one) => sum + one, 0);
  assert(count < names.length / 10, `${count} services were started`);
});

Deno.test("a scan that was started with some signals blocked gets them, and the others", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await using scan = await Scan.start(directory.path, {
    through: ["env", "--block-signal=TERM,USR1"],
  });
  const { pid } = await directory.ready("a");
  Deno.kill(pid, "SIGKILL");
  await directory.restarted("a", pid);
  await directory.add("b", readyService);
  scan.signal("SIGHUP");
  await directory.ready("b");
  scan.signal("SIGTERM");
  assertEquals((await scan.exited()).code, 0, scan.stderr);
});

for (const through of [[], ["env", "--block-signal"]]) {
  const how = through.length > 0 ? ", also where all were blocked" : "";
  Deno.test(`signals that mean nothing to a scan do what they do to any program${how}`, async () => {
    await using directory = await ScanDirectory.make({ a: readyService });
    await using scan = await Scan.start(directory.path, { through });
    const { pid } = await directory.ready("a");
    const stopped = () => /^State:\sT/m.test(Deno.readTextFileSync(`/proc/${scan.pid}/status`));
    scan.signal("SIGTSTP");
    await until(stopped, "the scan to stop");
    scan.signal("SIGCONT");
    await until(() => !stopped(), "the scan to go on");
    await directory.send("a", "t");
    await directory.restarted("a", pid);
    scan.signal("SIGVTALRM");
    assertEquals((await scan.exited()).signal, "SIGVTALRM");
  });
}

Deno.test("a scan without services ends at once", async () => {
  await using directory = await ScanDirectory.make();
  await using scan = await Scan.start(directory.path);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
});

Deno.test("a finish that takes its time is waited for", async () => {
  await using directory = await ScanDirectory.make({
    a: {
      ...readyService,
      finish: "#!/bin/sh\nmkfifo go\nread -r _ <go\necho done >finished\n",
      "timeout-finish": "0\n",
    },
  });
  await using scan = await Scan.start(directory.path);
  await directory.ready("a");
  await scan.send("t");
  await directory.until("a", ({ finishing }) => finishing, "to finish");
  await until(async () => {
    try {
      return (await Deno.stat(`${directory.path}/a/go`)).isFifo;
    } catch {
      return false;
    }
  }, "finish to make its FIFO");
  assert(isAlive(scan.pid));
  await writeFifo(`${directory.path}/a/go`, "\n");
  assertEquals((await scan.exited()).code, 0);
  assertEquals(await directory.read("a/finished"), "done\n");
});

for (const command of ["t", "b"]) {
  Deno.test(`after -${command} the scan becomes .s6-svscan/finish`, async () => {
    await using directory = await ScanDirectory.make({ a: readyService });
    await writeFiles(directory.path, {
      ".s6-svscan/finish": '#!/bin/sh\necho "$$ $# $(pwd) $(ulimit -Sn)" >finished\nexit 7\n',
    });
    await using scan = await Scan.start(directory.path, {
      through: ["/bin/sh", "-c", 'ulimit -Sn 300; exec "$@"', "sh"],
    });
    await directory.ready("a");
    await scan.send(command);
    assertEquals((await scan.exited()).code, 7);
    assertEquals(await directory.read("finished"), `${scan.pid} 0 ${directory.path} 300\n`);
  });
}

Deno.test("finish starts with no signal blocked, and a broken pipe kills again", async () => {
  await using directory = await ScanDirectory.make();
  await writeFiles(directory.path, {
    ".s6-svscan/finish": "#!/bin/sh\ngrep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status >finished\n",
  });
  await using scan = await Scan.start(directory.path);
  await scan.send("t");
  await scan.exited();
  const finished = await directory.read("finished");
  assert(/SigBlk:\t0+\n/.test(finished), finished);
  const ignored = BigInt("0x" + /SigIgn:\t(\w+)/.exec(finished)![1]);
  assertEquals(ignored & (1n << 12n), 0n, finished);
});

Deno.test("a finish that can't be run: the scan becomes .s6-svscan/crash", async () => {
  await using directory = await ScanDirectory.make();
  await writeFiles(directory.path, {
    ".s6-svscan/finish": "no script",
    ".s6-svscan/crash": "#!/bin/sh\necho $$ >crashed\nexit 5\n",
  });
  await using scan = await Scan.start(directory.path);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 5);
  assertEquals(await directory.read("crashed"), `${scan.pid}\n`);
  assert(scan.stderr.includes("finish"), scan.stderr);
});

Deno.test("neither finish nor crash can be run: 111", async () => {
  await using directory = await ScanDirectory.make();
  await writeFiles(directory.path, { ".s6-svscan/finish": "no script" });
  await using scan = await Scan.start(directory.path);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 111);
});

for (
  const name of ["HUP", "INT", "TERM", "QUIT", "USR1", "USR2", "PWR", "WINCH"] as const
) {
  Deno.test(`.s6-svscan/SIG${name} takes care of SIG${name}`, async () => {
    await using directory = await ScanDirectory.make({ a: readyService });
    await writeFiles(directory.path, {
      [`.s6-svscan/SIG${name}`]: '#!/bin/sh\necho "$0 $# $(pwd)" >caught\n',
    });
    await using scan = await Scan.start(directory.path);
    const { pid } = await directory.ready("a");
    await directory.add("b", readyService);
    scan.signal(`SIG${name}`);
    const line = await directory.contains("caught", (text) => text.endsWith("\n"), "a line");
    assertEquals(line, `.s6-svscan/SIG${name} 0 ${directory.path}\n`);
    assert(isAlive(pid) && isAlive(scan.pid));
    assert(![...Deno.readDirSync(directory.service("b"))].some(({ name }) => name === "event"));
  });

  Deno.test(`a .s6-svscan/SIG${name} that can't be run: SIG${name} does what it does`, async () => {
    await using directory = await ScanDirectory.make({ a: readyService });
    await writeFiles(directory.path, { [`.s6-svscan/SIG${name}`]: "#!/no/such/interpreter\n" });
    await using scan = await Scan.start(directory.path);
    const { pid } = await directory.ready("a");
    await directory.add("b", readyService);
    scan.signal(`SIG${name}`);
    await scan.says(`SIG${name}`);
    if (name === "HUP") await directory.ready("b");
    else if (name === "INT" || name === "TERM" || name === "QUIT") {
      assertEquals((await scan.exited()).code, 0);
      await gone(pid);
    } else {
      await scan.send("a");
      await directory.ready("b");
      assert(isAlive(pid));
    }
  });
}

Deno.test("while everything comes down nothing new is started", async () => {
  await using directory = await ScanDirectory.make({
    a: {
      ...readyService,
      run: "#!/bin/sh\ntrap 'echo >told' TERM\necho >&3\nwhile :; do sleep 0.01; done\n",
    },
  });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("a");
  await scan.send("t");
  await directory.contains("a/told", () => true, "something");
  await directory.add("b", readyService);
  await scan.send("ah");
  await directory.send("a", "k");
  assertEquals((await scan.exited()).code, 0);
  assert(!isAlive(pid));
  assert(![...Deno.readDirSync(directory.service("b"))].some(({ name }) => name === "event"));
});
