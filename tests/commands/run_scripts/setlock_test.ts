import { assert, assertEquals, assertMatch } from "@std/assert";
import { exists } from "@std/fs/exists";
import { openDescriptors } from "../../support/open_descriptors.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";

/** The programs that lock a file. */
const lockers = { sv: [...sv, "setlock"], s6: ["s6-setlock"] };

/** Starts a program that holds a lock until it is killed, and waits until it has it. */
async function hold(locker: readonly string[], options: string[], directory: string) {
  const [program, ...args] = locker;
  const child = new Deno.Command(program!, {
    args: [...args, ...options, "lock", "sh", "-c", "echo >held; exec sleep 1000"],
    cwd: directory,
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  await until(() => exists(`${directory}/held`), "the lock to be taken");
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(`${directory}/held`);
    },
  };
}

for (const [holder, other] of [["sv", "s6"], ["s6", "sv"], ["sv", "sv"]] as const) {
  Deno.test(`a lock that ${holder} setlock holds is taken for ${other} setlock`, async () => {
    await using directory = await temporaryDirectory();
    const tryIt = () =>
      run([...lockers[other], "-n", "lock", "echo", "got it"], { cwd: directory.path });
    {
      await using _held = await hold(lockers[holder], [], directory.path);
      const { code, stdout } = await tryIt();
      assertEquals([code, stdout], [1, ""]);
    }
    const { code, stdout } = await tryIt();
    assertEquals([code, stdout], [0, "got it\n"]);
  });
}

for (const fd of [3, 4, 5, 6, 7, 8, 9, 20]) {
  Deno.test(`setlock -d ${fd}: the lock is on that descriptor alone`, async () => {
    await using directory = await temporaryDirectory();
    await using held = await hold(lockers.sv, ["-d", String(fd)], directory.path);
    const holding = [...openDescriptors(held.pid)].filter(([, target]) => target.endsWith("/lock"))
      .map(([name]) => name);
    assertEquals(holding, [String(fd)]);
    assertEquals((await run(["s6-setlock", "-n", `${directory.path}/lock`, "true"])).code, 1);
  });
}

Deno.test("setlock waits until the lock is free", async () => {
  await using directory = await temporaryDirectory();
  let waiting;
  {
    await using _held = await hold(lockers.s6, [], directory.path);
    waiting = run([...lockers.sv, "-d", "4", "lock", "echo", "got it"], { cwd: directory.path });
    // /proc/locks lists waiting processes with an arrow.
    await until(
      async () => /->.*WRITE/.test(await Deno.readTextFile("/proc/locks")),
      "setlock to wait",
    );
  }
  assertEquals((await waiting).stdout, "got it\n");
});

Deno.test("setlock -t waits no longer", async () => {
  await using directory = await temporaryDirectory();
  await using _held = await hold(lockers.s6, [], directory.path);
  const { code, stderr } = await run([...lockers.sv, "-t", "100", "lock", "true"], {
    cwd: directory.path,
  });
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /cannot lock lock: another process holds the lock, even after 100 milliseconds/,
  );
});

Deno.test("setlock -r shares the lock", async () => {
  await using directory = await temporaryDirectory();
  await using _held = await hold(lockers.sv, ["-r"], directory.path);
  const attempt = async (option: string) =>
    (await run([...lockers.sv, "-n", option, "lock", "true"], { cwd: directory.path })).code;
  assertEquals([await attempt("-r"), await attempt("-w")], [0, 1]);
});

Deno.test("setlock keeps what is in the file", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/lock`, "kept");
  assertEquals((await run([...lockers.sv, `${directory.path}/lock`, "true"])).code, 0);
  assertEquals(await Deno.readTextFile(`${directory.path}/lock`), "kept");
});

Deno.test("setlock without a program is wrong usage", async () => {
  const { code, stderr } = await run([...lockers.sv, "/tmp/never-made"]);
  assertEquals(code, 100);
  assertMatch(stderr, /no program given\nusage: sv setlock/);
  assert(!await exists("/tmp/never-made"));
});
