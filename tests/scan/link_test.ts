/** Services are added to a running scan and taken out of it, and the rights of users on them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { writeFiles } from "../support/files.ts";
import { isAlive } from "../support/processes.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { Scan, scans } from "../support/scan.ts";
import { readyService, ScanDirectory, silentService } from "../support/scan_directory.ts";

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

const pair = { ...readyService, "log/run": "#!/bin/sh\nexec cat >/dev/null\n" };

/** Either suite's tools under either suite's scan. */
const combinations = [
  ["sv", svCommand("link"), svCommand("unlink")],
  ["s6", svCommand("link"), svCommand("unlink")],
  ["sv", ["s6-svlink"], ["s6-svunlink"]],
] as const;

for (const [scan, link, unlink] of combinations) {
  const tools = link.length === 1 ? "s6-svlink and s6-svunlink" : "sv link and sv unlink";
  Deno.test(`${tools} under ${scan}: when they return it has happened`, async () => {
    await using directory = await ScanDirectory.make();
    await writeFiles(`${directory.parent}/web`, pair);
    await using _scan = await Scan.start(directory.path, { command: scans[scan] });
    const linked = await run([...link, "scan", "web"], { cwd: directory.parent });
    assertEquals([linked.code, linked.stderr], [0, ""]);
    for (const name of ["web", "web/log"]) {
      assertEquals((await run(["s6-svok", directory.service(name)])).code, 0);
    }
    const { pid } = await directory.ready("web");
    const unlinked = await run([...unlink, "scan", "web"], { cwd: directory.parent });
    assertEquals([unlinked.code, unlinked.stderr], [0, ""]);
    assert(!isAlive(pid) && !await exists(directory.service("web")));
    for (const name of ["web", "web/log"]) {
      assertEquals((await run(["s6-svok", `${directory.parent}/${name}`])).code, 1);
    }
  });
}

for (const [option, stays] of [["-d", false], ["-D", true]] as const) {
  Deno.test(`sv link ${option}: supervised, but down`, async () => {
    await using directory = await ScanDirectory.make();
    await writeFiles(`${directory.parent}/web`, readyService);
    await using _scan = await Scan.start(directory.path);
    const { code } = await run([
      ...svCommand("link"),
      option,
      directory.path,
      `${directory.parent}/web`,
      "name",
    ]);
    assertEquals(code, 0);
    const { pid, wantUp } = await directory.status("name");
    assertEquals([pid, wantUp], [0, false]);
    assertEquals(await exists(`${directory.parent}/web/down`), stays);
  });
}

for (const [options, mode] of [[[], 0o3730], [["-P"], 0o1733]] as const) {
  Deno.test(`sv link ${options.join(" ")}: the fifodir has mode ${mode.toString(8)}`, async () => {
    await using directory = await ScanDirectory.make();
    await writeFiles(`${directory.parent}/web`, silentService);
    await using _scan = await Scan.start(directory.path);
    await run([...svCommand("link"), ...options, directory.path, `${directory.parent}/web`]);
    const status = await Deno.stat(`${directory.parent}/web/event`);
    assertEquals((status.mode! & 0o7777).toString(8), mode.toString(8));
  });
}

Deno.test("sv link gives up in time, and takes out again what it has put in", async () => {
  await using directory = await ScanDirectory.make();
  await writeFiles(`${directory.parent}/web`, readyService);
  await using scan = await Scan.start(directory.path);
  scan.signal("SIGSTOP");
  const args = ["-D", "-t", "200", directory.path, `${directory.parent}/web`];
  const { code, stderr } = await run([...svCommand("link"), ...args]);
  scan.signal("SIGCONT");
  assertEquals(code, 99);
  assertStringIncludes(stderr, "timed out");
  assert(!await exists(directory.service("web")));
  assert(!await exists(`${directory.parent}/web/down`));
});

Deno.test("sv link: what is wrong is said, and nothing is changed", async () => {
  await using directory = await ScanDirectory.make({ taken: readyService });
  await writeFiles(`${directory.parent}/web`, readyService);
  await writeFiles(`${directory.parent}/bad`, { run: "not executable" });
  const link = (...args: string[]) =>
    run([...svCommand("link"), ...args], { cwd: directory.parent });
  assertEquals((await link("scan", "web")).code, 111, "no scan has ever run");
  const scan = await Scan.start(directory.path);
  assertEquals((await link()).code, 100);
  assertEquals((await link("scan", "web", ".hidden")).code, 100);
  assertEquals((await link("scan", "bad")).code, 100);
  assertEquals((await link("scan", "missing")).code, 111);
  const taken = await link("scan", "web", "taken");
  assertEquals(taken.code, 111);
  assertStringIncludes(taken.stderr, "another taken");
  assertEquals((await directory.ready("taken")).ready, true);
  await scan.send("t");
  await scan.exited();
  assertEquals((await link("scan", "web")).code, 1);
  assert(!await exists(directory.service("web")));
});

Deno.test("sv unlink -X does not wait; -t not for long, which is no failure", async () => {
  await using directory = await ScanDirectory.make();
  const stubborn = {
    run: "#!/bin/sh\ntrap '' TERM\necho >&3\nwhile :; do sleep 0.1; done\n",
    "notification-fd": "3\n",
  };
  for (const name of ["a", "b"]) await writeFiles(`${directory.parent}/${name}`, stubborn);
  await using _scan = await Scan.start(directory.path);
  for (const [name, options] of [["a", ["-X"]], ["b", ["-t", "100"]]] as const) {
    await run([...svCommand("link"), directory.path, `${directory.parent}/${name}`]);
    const { pid } = await directory.ready(name);
    const { code } = await run([...svCommand("unlink"), ...options, directory.path, name]);
    assertEquals(code, 0);
    assert(isAlive(pid) && !await exists(directory.service(name)));
    Deno.kill(pid, "SIGKILL");
  }
});

Deno.test("sv perms sets and shows what s6-svperms does", async () => {
  await using directory = await ScanDirectory.make({ a: silentService });
  await using _scan = await Scan.start(directory.path);
  await directory.up("a");
  const path = directory.service("a");
  const settings = [
    [],
    ["-u"],
    ["-g", "daemon"],
    ["-G", "daemon"],
    ["-o"],
    ["-O", ":54321"],
    ["-e"],
    ["-E", "daemon"],
    ["-v", "-g", ":54321", "-e"],
  ];
  for (const options of settings) {
    const results = [];
    for (const tool of [["s6-svperms"], svCommand("perms")]) {
      const before = await run(["s6-svperms", "-u", "-E", "root", path]);
      assertEquals(before.code, 0);
      const { code, stdout } = await run([...tool, ...options, path]);
      const modes = await run(["stat", "-c", "%a %g", "supervise", "supervise/control", "event"], {
        cwd: path,
      });
      results.push({ code, stdout, modes: modes.stdout });
    }
    assertEquals(results[1], results[0], options.join(" "));
  }
  await Deno.chmod(`${path}/event`, 0o777);
  const strange = await run([...svCommand("perms"), path]);
  assertEquals(strange.code, 1);
  assertStringIncludes(strange.stderr, "777");
  assertEquals((await run([...svCommand("perms"), "-g", "no-such-group", path])).code, 100);
  assertEquals((await run(svCommand("perms"))).code, 100);
});
