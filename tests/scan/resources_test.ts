/** When descriptors, processes or disk space run out, the scan warns, goes on, and recovers by itself. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { refused, testNeeding } from "../support/needs.ts";
import { isAlive, ofThreads } from "../support/processes.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";
import { Scan } from "../support/scan.ts";
import { readyService, ScanDirectory, silentService } from "../support/scan_directory.ts";

// A service has three descriptors open: of the last ones, none, one or two are left.
for (const limit of [80, 81, 82]) {
  Deno.test(`no more than ${limit} descriptors: what runs goes on, the rest follows when there are some`, async () => {
    await using directory = await ScanDirectory.make({ good: readyService });
    await using scan = await Scan.start(directory.path, {
      through: ["/bin/sh", "-c", `ulimit -n ${limit}; exec "$@"`, "sh"],
      options: ["-C", "100"],
    });
    const { pid } = await directory.ready("good");
    const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
    for (const name of names) await directory.add(name, readyService);
    await scan.send("a");
    await scan.says("Too many open files");
    assertEquals((await directory.status("good")).pid, pid);
    assert(isAlive(scan.pid));
    const running = await until(async () => {
      const up = [];
      for (const name of names) {
        if ((await directory.status(name).catch(() => undefined))?.ready) up.push(name);
      }
      return up.length > 3 && up;
    }, "some of the services to be ready");
    // Some end for good, and others take their place.
    const waiting = names.find((name) => !running.includes(name))!;
    for (const name of names) {
      if (name === waiting) continue;
      // The scan, which is still starting some, may write into one while it is removed.
      await until(
        () =>
          Deno.remove(directory.service(name), { recursive: true }).then(() => true, () => false),
        `${name} to be removed`,
      );
    }
    await until(
      async () => {
        await scan.send("h");
        return (await directory.status(waiting).catch(() => undefined))?.ready;
      },
      `${waiting} to be ready`,
    );
    await directory.send("good", "r");
    await directory.restarted("good", pid);
    // None was started without its notification descriptor because that file could not be opened.
    assert(!/-fd: .*; going on as if it were absent/.test(scan.stderr), scan.stderr);
    assert(!/Bad file descriptor|internal error/.test(scan.stderr), scan.stderr);
  });
}

Deno.test("no descriptor for the scan itself: it says so, and goes on", async () => {
  await using directory = await ScanDirectory.make({ good: readyService });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("good");
  const limit = async (soft: string) => {
    const limited = await run(["prlimit", `--pid=${scan.pid}`, `--nofile=${soft}:`]);
    assertEquals(limited.code, 0, limited.stderr);
  };
  const { stdout: before } = await run(["sh", "-c", `ulimit -n`]);
  await limit("4");
  await directory.add("late", readyService);
  await scan.send("a");
  await scan.says(/warning: cannot open .*: Too many open files/);
  await limit(before.trim());
  await scan.send("a");
  await directory.ready("late");
  assertEquals((await directory.status("good")).pid, pid);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
});

const noMounts = await refused("unshare", "--mount", "true");

testNeeding(
  [noMounts],
  "a full disk: the status becomes right again when there is space",
  async () => {
    await using directory = await ScanDirectory.make();
    assertEquals(
      (await run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", directory.path])).code,
      0,
    );
    try {
      await directory.add("a", readyService);
      await directory.add("b", silentService);
      await using scan = await Scan.start(directory.path);
      const { pid } = await directory.ready("a");
      await directory.up("b");
      const filler = `${directory.path}/.filler`;
      await run(["sh", "-c", `cat /dev/zero >${filler} 2>/dev/null`]);
      const stale = await directory.status("a");
      Deno.kill(pid, "SIGKILL");
      await scan.says(/a: warning: .*No space left/);
      await until(() => !isAlive(pid), "a to die");
      // It is started again, although the status file can't be written.
      const next = await until(() => childOf(scan.pid, `${directory.path}/a`), "a to run again");
      assert(next !== pid);
      assertEquals(await directory.status("a"), stale);
      const { stdout } = await run([...sv, "status", directory.service("a")]);
      assertMatch(stdout, new RegExp(`unknown: process ${pid} does not exist any more`));
      assertStringIncludes(stdout, "is the disk full?");
      await Deno.remove(filler);
      const status = await directory.restarted("a", pid);
      assertEquals(status.pid, childOf(scan.pid, `${directory.path}/a`));
      await directory.ready("a");
      await scan.send("t");
      assertEquals((await scan.exited()).code, 0);
    } finally {
      await until(
        async () => (await run(["umount", directory.path])).code === 0,
        "the file system to be free",
      );
    }
  },
);

Deno.test("no processes left: what runs goes on, and a service is started when it can be", async () => {
  await using directory = await ScanDirectory.make({ good: readyService, late: readyService });
  await Deno.writeTextFile(`${directory.path}/late/down`, "");
  // The limit on processes holds for each user except root, so the scan runs as another one.
  const user = 64_317;
  await run(["chown", "-R", `${user}:${user}`, directory.parent]);
  await Deno.chmod(directory.parent, 0o755);
  const home = `${directory.parent}/home`;
  await Deno.mkdir(home);
  await Deno.chown(home, user, user);
  const dropped = [
    "setpriv",
    `--reuid=${user}`,
    `--regid=${user}`,
    "--clear-groups",
    "env",
    `HOME=${home}`,
    "sh",
    "-c",
    'exec "$@"',
    "sh",
  ];
  await using scan = await Scan.start(directory.path, { through: dropped });
  const { pid } = await directory.ready("good");
  const limits = await Deno.readTextFile(`/proc/${scan.pid}/limits`);
  const before = /^Max processes +(\S+)/m.exec(limits)![1]!;
  const limit = async (soft: string) => {
    const { code, stderr } = await run([
      ...dropped,
      "prlimit",
      "--pid",
      `${scan.pid}`,
      `--nproc=${soft}:`,
    ]);
    assertEquals(code, 0, stderr);
  };
  await limit("1");
  await directory.send("late", "u");
  await scan.says(/late: warning: cannot start \.\/run: Resource temporarily unavailable/);
  await directory.send("good", "t");
  await scan.says(/good: warning: cannot start \.\/run: Resource temporarily unavailable/);
  assert(isAlive(scan.pid));
  await limit(before);
  await directory.send("late", "u");
  await directory.send("good", "u");
  await directory.ready("late");
  await directory.restarted("good", pid);
});

/** The child of a process that works in a directory. */
function childOf(parent: number, directory: string): number | undefined {
  const children = [...ofThreads(parent, "children").values()];
  for (const child of children.join(" ").split(/ +/).filter((text) => text !== "")) {
    try {
      if (Deno.readLinkSync(`/proc/${child}/cwd`) === directory) return Number(child);
    } catch {
      // It has just ended.
    }
  }
}
