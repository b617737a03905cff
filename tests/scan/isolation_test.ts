/** A broken service harms no other. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exists } from "@std/fs/exists";
import { writeFiles } from "../support/files.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { isAlive } from "../support/processes.ts";
import { sv as program } from "../support/program.ts";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { Scan } from "../support/scan.ts";
import { readyService, ScanDirectory } from "../support/scan_directory.ts";

/** Checks that a service has not been restarted, can be restarted, and that a new one starts. */
async function unharmed(directory: ScanDirectory, scan: Scan, name: string, pid: number) {
  assertEquals((await directory.status(name)).pid, pid);
  await directory.send(name, "r");
  await directory.restarted(name, pid);
  const fresh = `fresh-${crypto.randomUUID().slice(0, 8)}`;
  await directory.add(fresh, readyService);
  await scan.send("a");
  await directory.ready(fresh);
  assert(isAlive(scan.pid));
}

Deno.test("a directory without run", async () => {
  await using directory = await ScanDirectory.make({ good: readyService, bad: { other: "" } });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("good");
  await scan.says(/bad: warning: cannot start \.\/run/);
  await unharmed(directory, scan, "good", pid);
  // Once its directory is in order again, a command is enough.
  await writeFiles(directory.service("bad"), readyService);
  await directory.send("bad", "u");
  await directory.ready("bad");
});

for (
  const [what, name, breakIt] of [
    ["a file in place of supervise", "supervise", (path: string) => Deno.writeTextFile(path, "")],
    ["a file in place of event", "event", (path: string) => Deno.writeTextFile(path, "")],
    [
      "a symlink loop in place of supervise",
      "supervise",
      (path: string) => Deno.symlink("supervise", path),
    ],
  ] as const
) {
  Deno.test(`${what}: the service is tried again until it is mended`, async () => {
    await using directory = await ScanDirectory.make({ good: readyService, bad: readyService });
    const path = `${directory.service("bad")}/${name}`;
    await breakIt(path);
    await using scan = await Scan.start(directory.path);
    const { pid } = await directory.ready("good");
    await scan.says(/bad: warning: .*trying again in 1 s/);
    await unharmed(directory, scan, "good", pid);
    await Deno.remove(path);
    await directory.ready("bad");
  });
}

const sv = (...args: string[]) => run([...program, ...args]);

Deno.test("a directory that another supervisor has is taken when that one is gone", async () => {
  await using directory = await ScanDirectory.make({ good: readyService, bad: readyService });
  const other = new Deno.Command("s6-supervise", {
    args: ["bad"],
    cwd: directory.path,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await until(
    async () => (await run(["s6-svok", directory.service("bad")])).code === 0,
    "s6-supervise to run",
  );
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("good");
  const before = await directory.ready("bad");
  await scan.says(
    /bad: warning: .*another supervisor is running, process \d+ \(s6-supervise bad\)/,
  );
  const rival =
    `process ${other.pid} (s6-supervise bad) supervises it, so the scan of ${directory.path} can't`;
  const bad = directory.service("bad");
  assertStringIncludes((await sv("status", bad)).stdout, `; ${rival}\n`);
  const [{ reason, next }] = JSON.parse((await sv("status", "--json", bad)).stdout).services;
  assertStringIncludes(reason, rival);
  assertStringIncludes(next, `\`sv control -xd ${bad}\` ends it and that supervisor`);
  assertStringIncludes((await sv("wait", "-d", "-t", "1", bad)).stderr, rival);
  await unharmed(directory, scan, "good", pid);
  assertEquals((await directory.status("bad")).pid, before.pid);
  await directory.send("bad", "xd");
  await other.status;
  await directory.restarted("bad", before.pid);
  assert(!(await sv("status", bad)).stdout.includes("supervises it"));
});

Deno.test("a directory that is deleted while its service runs", async () => {
  await using directory = await ScanDirectory.make({ good: readyService, bad: readyService });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("good");
  const bad = await directory.ready("bad");
  await Deno.remove(directory.service("bad"), { recursive: true });
  Deno.kill(bad.pid, "SIGKILL");
  await scan.says(/bad: warning: /);
  await unharmed(directory, scan, "good", pid);
  await scan.send("h");
  await directory.add("bad", readyService);
  await scan.send("a");
  await directory.ready("bad");
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
});

Deno.test("run vanishes, and comes back", async () => {
  await using directory = await ScanDirectory.make({ good: readyService, bad: readyService });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("good");
  const bad = await directory.ready("bad");
  await Deno.rename(`${directory.path}/bad/run`, `${directory.path}/bad/gone`);
  await directory.send("bad", "r");
  await scan.says(/bad: warning: cannot start \.\/run/);
  assertEquals((await directory.status("bad")).pid, 0);
  await unharmed(directory, scan, "good", pid);
  await Deno.rename(`${directory.path}/bad/gone`, `${directory.path}/bad/run`);
  await directory.send("bad", "u");
  await directory.restarted("bad", bad.pid);
});

Deno.test("a control FIFO that is flooded", async () => {
  await using directory = await ScanDirectory.make({ good: readyService, bad: readyService });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("good");
  await directory.ready("bad");
  const flood = new Deno.Command("sh", {
    args: ["-c", "while :; do printf 'uouououuc?!,xyz%04000d' 0; done >supervise/control"],
    cwd: directory.service("bad"),
    stdin: "null",
    stderr: "null",
  }).spawn();
  try {
    for (let round = 0; round < 3; round++) {
      await unharmed(directory, scan, "good", round === 0 ? pid : (await directory.up("good")).pid);
    }
  } finally {
    flood.kill("SIGKILL");
    await flood.status;
  }
  // The bytes are still in the FIFO, and the supervisor reads them.
  await directory.send("bad", "u");
  await directory.ready("bad");
});

Deno.test("the control FIFO of the scan is flooded", async () => {
  await using directory = await ScanDirectory.make({ good: readyService });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("good");
  const flood = new Deno.Command("sh", {
    args: ["-c", "while :; do printf 'zaznzNza%04000d' 0 | tr 0 z; done >.s6-svscan/control"],
    cwd: directory.path,
    stdin: "null",
    stderr: "null",
  }).spawn();
  try {
    await unharmed(directory, scan, "good", pid);
  } finally {
    flood.kill("SIGKILL");
    await flood.status;
  }
});

Deno.test("a service that crashes all the time, with a finish that fails", async () => {
  await using directory = await ScanDirectory.make({
    good: readyService,
    bad: { run: "#!/bin/sh\nkill -SEGV $$\n", finish: "#!/bin/sh\nkill -KILL $$\n" },
  });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("good");
  await directory.until("bad", ({ waitStatus }) => (waitStatus & 127) === 11, "to crash");
  await unharmed(directory, scan, "good", pid);
});

Deno.test("a listener that never reads", async () => {
  await using directory = await ScanDirectory.make({ good: readyService, bad: readyService });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("good");
  const event = `${directory.service("bad")}/event`;
  await directory.ready("bad");
  const fifo = `${event}/ftrig1:@400000006000000000000000:aaaaaa`;
  assertEquals((await run(["mkfifo", fifo])).code, 0);
  using _deaf = await Deno.open(fifo, { read: true, write: true });
  for (let round = 0; round < 300; round++) await directory.send("bad", "pc".repeat(100));
  await unharmed(directory, scan, "good", pid);
});

Deno.test("a FIFO named down stops no other service, whatever command comes", async () => {
  await using directory = await ScanDirectory.make({ a: readyService, b: readyService });
  await using scan = await Scan.start(directory.path);
  await directory.ready("a");
  const { pid } = await directory.ready("b");
  await run(["mkfifo", `${directory.service("a")}/down`]);
  await directory.send("a", "D");
  await directory.until("a", ({ pid }) => pid === 0, "to be down");
  await directory.send("a", "Q");
  await directory.send("b", "r");
  await directory.restarted("b", pid);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
});

/** Starts a command whose stderr is the FIFO `full`, and fills that first. */
const ON_A_FULL_PIPE = `mkfifo "$1/full"; exec 2<>"$1/full"; perl -MFcntl -e '
  sysopen(my $pipe, "$ARGV[0]/full", O_WRONLY|O_NONBLOCK) or die;
  1 while syswrite($pipe, "x" x 4096)' "$1"; shift; exec "$@"`;

testNeeding(
  [missingPrograms("perl")],
  "a standard error that nobody reads stops nothing; the lines that are lost are counted",
  async () => {
    await using directory = await ScanDirectory.make({ a: readyService, bad: { other: "" } });
    await using scan = await Scan.start(directory.path, {
      through: ["sh", "-c", ON_A_FULL_PIPE, "sh", directory.parent],
    });
    const { pid } = await directory.ready("a");
    const cannotStart = async (name: string) => {
      await directory.add(name, { other: "" });
      await scan.send("a");
      await until(() => exists(`${directory.service(name)}/supervise/status`), `${name}'s status`);
    };
    for (const name of ["b", "c", "d"]) await cannotStart(name);
    await unharmed(directory, scan, "a", pid);
    using pipe = await Deno.open(`${directory.parent}/full`, { read: true, write: true });
    const buffer = new Uint8Array(65_536);
    for (let left = 65_536; left > 0;) left -= (await pipe.read(buffer))!;
    await cannotStart("e");
    const count = await within(pipe.read(buffer), "a warning");
    const text = new TextDecoder().decode(buffer.subarray(0, count!));
    assertMatch(text, /warning: [4-9] lines were lost\n.*e: warning: cannot start \.\/run/);
    await scan.send("t");
    assertEquals((await scan.exited()).code, 0);
  },
);
