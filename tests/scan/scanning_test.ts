/** Which services a scan starts and forgets, and its options and commands. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { exists } from "@std/fs/exists";
import { basename } from "@std/path";
import { DEADLINE } from "../support/deadline.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { isAlive } from "../support/processes.ts";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";
import { svCommand } from "../support/program.ts";
import { Scan } from "../support/scan.ts";
import { gone, readyService, ScanDirectory, silentService } from "../support/scan_directory.ts";

Deno.test("all services of a scan directory become ready", async () => {
  await using directory = await ScanDirectory.make({
    a: readyService,
    b: readyService,
    c: silentService,
  });
  await using scan = await Scan.start(directory.path);
  const [a, b, c] = [
    await directory.ready("a"),
    await directory.ready("b"),
    await directory.up("c"),
  ];
  assert(!c.ready);
  for (const { pid } of [a, b, c]) {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const [, parent, group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    assertEquals([parent, group, session], [scan.pid, pid, pid]);
  }
});

Deno.test("run gets the name of its service, and that of a logger is with a slash", async () => {
  const files = { run: '#!/bin/sh\necho "$0 $# $1" >said\nexec sleep 100000\n' };
  await using directory = await ScanDirectory.make({
    "a b": files,
    c: { ...files, "log/run": files.run },
  });
  await using _scan = await Scan.start(directory.path);
  const whole = (text: string) => text.endsWith("\n");
  assertEquals(await directory.contains("a b/said", whole, "a line"), "./run 1 a b\n");
  assertEquals(await directory.contains("c/said", whole, "a line"), "./run 1 c\n");
  assertEquals(await directory.contains("c/log/said", whole, "a line"), "./run 1 c/log\n");
});

Deno.test("the scan has the name of its program, for ps and pgrep", async () => {
  await using directory = await ScanDirectory.make();
  await using scan = await Scan.start(directory.path);
  const program = await Deno.readLink(`/proc/${scan.pid}/exe`);
  const name = await Deno.readTextFile(`/proc/${scan.pid}/comm`);
  assertEquals(name.trim(), basename(program).slice(0, 15));
});

Deno.test("names with a dot, files, and links to nowhere are no services", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await directory.add(".hidden", readyService);
  await Deno.writeTextFile(`${directory.path}/file`, "");
  await Deno.symlink("/no/such/place", `${directory.path}/link`);
  await using scan = await Scan.start(directory.path);
  await directory.ready("a");
  const names = [...Deno.readDirSync(directory.path)].map(({ name }) => name).sort();
  assertEquals(names, [".hidden", ".s6-svscan", "a", "file"], "links to nowhere are removed");
  assert(![...Deno.readDirSync(`${directory.path}/.hidden`)].some(({ name }) => name === "event"));
  assertEquals(scan.stderr, "");
});

Deno.test("a link to a service directory is a service", async () => {
  await using directory = await ScanDirectory.make();
  const other = `${directory.parent}/other`;
  await directory.add("a", readyService);
  await Deno.rename(`${directory.path}/a`, other);
  await Deno.symlink("../other", `${directory.path}/named`);
  await using _scan = await Scan.start(directory.path);
  await directory.ready("named");
});

Deno.test("a relative scan directory is found from where the scan was started", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await using _scan = await Scan.start("scan", { cwd: directory.parent });
  await directory.ready("a");
});

for (
  const [how, tell] of [
    ["-a", (scan: Scan) => run(["s6-svscanctl", "-a", scan.directory])],
    ["-h", (scan: Scan) => run(["s6-svscanctl", "-h", scan.directory])],
    ["SIGALRM", (scan: Scan) => scan.signal("SIGALRM")],
    ["SIGHUP", (scan: Scan) => scan.signal("SIGHUP")],
    ["sv scanctl -a", (scan: Scan) => run([...svCommand("scanctl"), "-a", scan.directory])],
  ] as const
) {
  Deno.test(`a new service is picked up on ${how}`, async () => {
    await using directory = await ScanDirectory.make({ old: readyService });
    await using scan = await Scan.start(directory.path);
    const { pid } = await directory.ready("old");
    await directory.add("new", readyService);
    await tell(scan);
    await directory.ready("new");
    assertEquals((await directory.status("old")).pid, pid);
  });
}

for (
  const [how, tell, ends] of [
    ["-a", (scan: Scan) => scan.send("a"), false],
    ["SIGALRM", (scan: Scan) => scan.signal("SIGALRM"), false],
    ["-h", (scan: Scan) => scan.send("h"), true],
    ["SIGHUP", (scan: Scan) => scan.signal("SIGHUP"), true],
    ["-an", (scan: Scan) => scan.send("an"), true],
    ["-aN", (scan: Scan) => scan.send("aN"), true],
  ] as const
) {
  Deno.test(`a removed service is ${ends ? "ended" : "left running"} on ${how}`, async () => {
    await using directory = await ScanDirectory.make({ a: readyService, b: readyService });
    await using scan = await Scan.start(directory.path);
    const a = await directory.ready("a");
    const b = await directory.ready("b");
    await Deno.rename(directory.service("a"), `${directory.parent}/a`);
    await directory.add("c", readyService);
    await tell(scan);
    await directory.ready("c");
    if (ends) await gone(a.pid);
    else {
      assert(isAlive(a.pid));
      // Its supervisor still restarts it, but is not started again itself.
      await Deno.writeTextFile(`${directory.parent}/a/supervise/control`, "xd");
      await gone(a.pid);
      await until(
        async () => (await run(["s6-svok", `${directory.parent}/a`])).code === 1,
        "the supervisor of a to end",
      );
    }
    assertEquals((await directory.status("b")).pid, b.pid);
    assertEquals(scan.stderr, "");
  });
}

Deno.test("a renamed service keeps its process, and goes on when its supervisor ends", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await using scan = await Scan.start(directory.path);
  const before = await directory.ready("a");
  await Deno.rename(directory.service("a"), directory.service("b"));
  await scan.send("h");
  await directory.add("mark", readyService);
  await scan.send("a");
  await directory.ready("mark");
  assertEquals((await directory.status("b")).pid, before.pid);
  await directory.send("b", "xd");
  const after = await directory.restarted("b", before.pid);
  assertEquals(await Deno.readLink(`/proc/${after.pid}/cwd`), directory.service("b"));
});

Deno.test("a supervisor that was told to exit comes again", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await using _scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("a");
  await directory.send("a", "xd");
  await directory.restarted("a", pid);
});

Deno.test("-t scans again and again", async () => {
  await using directory = await ScanDirectory.make();
  await using _scan = await Scan.start(directory.path, { options: ["-t", "100"] });
  await directory.add("a", readyService);
  await directory.ready("a");
  await directory.add("b", readyService);
  await directory.ready("b");
});

Deno.test("-C limits how many services there are, loggers included", async () => {
  await using directory = await ScanDirectory.make();
  for (const name of ["a", "b", "c", "d", "e", "f"]) await directory.add(name, readyService);
  await using scan = await Scan.start(directory.path, { options: ["-C", "4"] });
  await scan.says("-C");
  await until(
    async () => {
      const all = await Promise.all(
        ["a", "b", "c", "d", "e", "f"].map((name) => directory.status(name).catch(() => undefined)),
      );
      return all.filter((status) => status?.ready && status.pid !== 0).length === 4;
    },
    "four services to be ready",
  );
});

Deno.test("-L limits the length of names, in bytes", async () => {
  await using directory = await ScanDirectory.make({
    "ää345678901": readyService,
    "ää3456789": readyService,
  });
  await using scan = await Scan.start(directory.path, { options: ["-L", "11"] });
  await directory.ready("ää3456789");
  assertStringIncludes(scan.stderr, "ää345678901");
});

Deno.test("-d says when commands are taken", async () => {
  await using directory = await ScanDirectory.make();
  await using scan = Scan.launch(directory.path, {
    through: ["/bin/sh", "-c", 'exec 3>&1; exec "$@" 2>&1', "sh"],
    options: ["-d", "3"],
  });
  await until(() => scan.stdout !== "", "a newline");
  assertEquals(scan.stdout, "\n");
  assertEquals((await run(["s6-svscanctl", "-z", directory.path])).code, 0);
  const open = openDescriptors(scan.pid).get("3");
  assert(!open?.startsWith("pipe:"), "the descriptor is closed");
});

for (
  const [options, what] of [
    [["-d", "2"], "descriptor from 3 to"],
    [["-d", "77"], "not open"],
    [["-X", "77"], "not open"],
    [["-C", "many"], "a number of services from 4 to 160000"],
    [["-Z"], "unknown option"],
  ] as const
) {
  Deno.test(`${options.join(" ")} is wrong usage`, async () => {
    await using directory = await ScanDirectory.make();
    const { code, stderr } = await run([...svCommand("scan"), ...options, directory.path]);
    assertEquals(code, 100);
    assertStringIncludes(stderr, what);
  });
}

Deno.test("without a scan directory, or with one that isn't there, it says so", async () => {
  const usage = await run(svCommand("scan"));
  assertEquals(usage.code, 100);
  assertStringIncludes(usage.stderr, "usage:");
  const missing = await run([...svCommand("scan"), "/no/such/place"]);
  assertEquals(missing.code, 111);
  assertStringIncludes(missing.stderr, "/no/such/place");
});

Deno.test("an unknown command is warned about", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await using scan = await Scan.start(directory.path);
  await directory.ready("a");
  await scan.send("?");
  await scan.says('"?"');
  assert(isAlive(scan.pid));
});

Deno.test("-z reaps, and harms nobody", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("a");
  await scan.send("zzz");
  await directory.add("b", readyService);
  await scan.send("a");
  await directory.ready("b");
  assertEquals((await directory.status("a")).pid, pid);
});

Deno.test("services see the limit on open files that the scan was started with", async () => {
  const files = { run: "#!/bin/sh\nulimit -Sn >limit\nexec sleep 100000\n" };
  await using directory = await ScanDirectory.make();
  for (let index = 0; index < 60; index++) await directory.add(`s${index}`, files);
  await using scan = await Scan.start(directory.path, {
    through: ["/bin/sh", "-c", 'ulimit -Sn 256; exec "$@"', "sh"],
  });
  const line = (text: string) => text.endsWith("\n");
  for (let index = 0; index < 60; index++) {
    assertEquals(await directory.contains(`s${index}/limit`, line, "a line"), "256\n");
  }
  assertEquals(scan.stderr, "");
});

Deno.test("400 services that are brought down at once run their finish to its end", async () => {
  const COUNT = 400;
  const names = Array.from({ length: COUNT }, (_, index) => `s${index}`);
  const files = {
    run: "#!/bin/sh\necho >&3\nexec 3>&-\nexec sleep 100000\n",
    "notification-fd": "3\n",
    finish: "#!/bin/sh\nsleep 0.05\necho >finished\n",
    "timeout-kill": "300\n",
    "timeout-finish": "0\n",
  };
  await using directory = await ScanDirectory.make();
  for (const name of names) await directory.add(name, files);
  await using _scan = await Scan.start(directory.path);
  for (const name of names) await directory.ready(name);
  const all = names.map((name) => directory.service(name));
  assertEquals((await run([...svCommand("control"), "-d", ...all])).code, 0);
  const { code, stderr } = await run(["s6-svwait", "-D", "-t", `${DEADLINE}`, ...all]);
  assertEquals(code, 0, stderr);
  const finished: boolean[] = await Promise.all(all.map((dir) => exists(`${dir}/finished`)));
  assertEquals(finished.filter((done) => done).length, COUNT);
});
