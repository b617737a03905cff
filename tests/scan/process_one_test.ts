/** As process 1 of a container, or as a subreaper, a scan reaps orphans. */
import { assertEquals } from "@std/assert";
import { refused, testNeeding } from "../support/needs.ts";
import { isAlive } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { Scan } from "../support/scan.ts";
import { READY, readyService, ScanDirectory, zombiesOf } from "../support/scan_directory.ts";

const NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc"];
const noNamespace = await refused(...NAMESPACE, "true");

/** Leaves orphans that the scan has not started; the last writes down its parent. */
const ORPHANS = `#!/bin/sh
for _ in 1 2 3 4 5 6 7 8 9 10; do (setsid sh -c 'sleep 0.02' &) ; done
(setsid sh -c 'while [ "$(cut -d" " -f4 /proc/$$/stat)" = "$1" ]; do :; done
  cut -d" " -f4 /proc/$$/stat >parent.new; mv parent.new parent' sh $$ &)
echo >&3
exec 3>&-
exec sleep 100000
`;

/** The process of a namespace that is its process 1. */
async function processOne(outside: number): Promise<number> {
  return await until(() => {
    // unshare has one thread, and one child.
    const children = Deno.readTextFileSync(`/proc/${outside}/task/${outside}/children`).trim();
    return children === "" ? undefined : Number(children.split(" ")[0]);
  }, "process 1 to start");
}

testNeeding([noNamespace], "process 1 supervises, reaps orphans, and ends by -t", async () => {
  await using directory = await ScanDirectory.make({
    a: { run: ORPHANS, "notification-fd": "3\n" },
    b: readyService,
  });
  await using scan = await Scan.start(directory.path, { through: NAMESPACE });
  const one = await processOne(scan.pid);
  await directory.ready("a");
  const b = await directory.ready("b");
  const parent = (text: string) => text.endsWith("\n");
  assertEquals(await directory.contains("a/parent", parent, "a line"), "1\n");
  await until(() => zombiesOf(one).length === 0, "all orphans to be reaped");
  assertEquals((await directory.status("b")).pid, b.pid);
  await directory.send("b", "r");
  await directory.restarted("b", b.pid);
  await until(() => zombiesOf(one).length === 0, "no zombie to be left");
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0, scan.stderr);
  assertEquals(scan.stderr, "");
});

testNeeding([noNamespace], "process 1 obeys signals, and becomes finish", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await Deno.mkdir(`${directory.path}/.s6-svscan`);
  await Deno.writeTextFile(
    `${directory.path}/.s6-svscan/finish`,
    "#!/bin/sh\necho $$ >finished\n",
    { mode: 0o755 },
  );
  await using scan = await Scan.start(directory.path, { through: NAMESPACE });
  const one = await processOne(scan.pid);
  await directory.ready("a");
  await directory.add("b", readyService);
  Deno.kill(one, "SIGHUP");
  await directory.ready("b");
  Deno.kill(one, "SIGTERM");
  assertEquals((await scan.exited()).code, 0, scan.stderr);
  assertEquals(await directory.read("finished"), "1\n");
});

testNeeding([noNamespace], "process 1 is upgraded in place", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await using scan = await Scan.start(directory.path, { through: NAMESPACE });
  const { pid } = await directory.ready("a");
  await scan.send("V");
  await directory.add("b", readyService);
  await scan.send("a");
  await directory.ready("b");
  assertEquals((await directory.status("a")).pid, pid);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0, scan.stderr);
});

for (const subreaper of [true, false]) {
  const does = subreaper ? "adopts and reaps" : "does not adopt";
  Deno.test(`a scan ${subreaper ? "with" : "without"} -S ${does} orphans`, async () => {
    await using directory = await ScanDirectory.make({
      a: { run: ORPHANS, "notification-fd": "3\n" },
    });
    await using scan = await Scan.start(directory.path, { options: subreaper ? ["-S"] : [] });
    await directory.ready("a");
    const line = (text: string) => text.endsWith("\n");
    const parent = Number(await directory.contains("a/parent", line, "a line"));
    assertEquals(parent === scan.pid, subreaper, `the parent is ${parent}`);
    await until(() => zombiesOf(scan.pid).length === 0, "all orphans to be reaped");
  });
}

Deno.test("many services that die at once are each noticed, and none is taken for another", async () => {
  await using directory = await ScanDirectory.make();
  const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
  for (const name of names) {
    await directory.add(name, { ...readyService, run: READY.replace("exec sleep", "sleep") });
  }
  await using scan = await Scan.start(directory.path, { options: ["-S"] });
  const before = new Map<string, number>();
  for (const name of names) before.set(name, (await directory.ready(name)).pid);
  for (const pid of before.values()) Deno.kill(pid, "SIGKILL");
  for (const [name, pid] of before) {
    const { waitStatus } = await directory.restarted(name, pid);
    assertEquals(waitStatus & 127, 9);
    assertEquals(isAlive(pid), false);
  }
  assertEquals(zombiesOf(scan.pid), []);
});
