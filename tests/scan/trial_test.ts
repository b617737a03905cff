/** The trial of the program that would take a scan's place: which pass, and the reasons against others. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { duplicate } from "../../lib/os/descriptor.ts";
import { close } from "../../lib/os/file.ts";
import { PidfdDeaths } from "../../lib/os/spawn/deaths.ts";
import { PosixSpawner } from "../../lib/os/spawn/posix_spawner.ts";
import type { ScanSnapshot } from "../../lib/scan/snapshot.ts";
import { tryProgram } from "../../lib/scan/trial.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { sv } from "../support/program.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { writeFiles } from "../support/files.ts";
import { isAlive } from "../support/processes.ts";

const snapshot: ScanSnapshot = {
  version: "0.1.0",
  askers: [],
  control: 20,
  lock: 21,
  ignoredSignals: [],
  services: [],
  loggers: [],
};

/** Tries a program; the reason against it, or undefined. */
async function reasonAgainst(
  program: readonly string[],
  options: {
    args?: readonly string[];
    named?: readonly number[];
    snapshot?: ScanSnapshot;
    limit?: number;
  } = {},
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  tryProgram({
    program,
    args: ["/run/service"],
    named: [],
    snapshot,
    spawner: new PosixSpawner(),
    deaths: new PidfdDeaths(),
    softNofile: undefined,
    ...options,
  }, resolve);
  return await within(promise, "the end of a trial");
}

/** Tries a script that is in a directory of its own. */
async function reasonAgainstScript(text: string, limit?: number): Promise<string | undefined> {
  await using directory = await temporaryDirectory();
  await writeFiles(directory.path, { sv: text });
  const program = `${directory.path}/sv`;
  const reason = await reasonAgainst([program], limit === undefined ? {} : { limit });
  return reason?.replaceAll(program, "SV");
}

Deno.test("this program passes the trial", async () => {
  assertEquals(await reasonAgainst([...sv, "scan"]), undefined);
});

Deno.test("this program refuses a snapshot that it can't read, and names the place", async () => {
  const broken = { ...snapshot, lock: 20 };
  assertStringIncludes(
    (await reasonAgainst([...sv, "scan"], { snapshot: broken }))!,
    "can't go on with this scan: lock: is descriptor 20, as is control",
  );
});

Deno.test("this program refuses options that it does not know", async () => {
  const reason = await reasonAgainst([...sv, "scan"], { args: ["--gone", "/run/service"] });
  assertStringIncludes(reason!, "unknown option --gone");
});

for (
  const [what, script, reason] of [
    ["exits 1 and says why", "#!/bin/sh\necho 'sv scan: fatal: because' >&2\nexit 1\n", "because"],
    ["exits 3 and says nothing", "#!/bin/sh\nexit 3\n", "exit code 3"],
    ["exits 0 and prints nothing", "#!/bin/sh\nexit 0\n", "did not print its version"],
    ["exits 0 and prints a help text", "#!/bin/sh\necho usage: foo\n", "did not print its version"],
    ["prints its version and exits 1", "#!/bin/sh\necho 1.0.0\nexit 1\n", "exit code 1"],
    ["is killed", "#!/bin/sh\nkill -SEGV $$\n", "was killed by SIGSEGV"],
    [
      "is an older sv",
      "#!/bin/sh\necho 'sv scan: fatal: unknown option --trial' >&2\nexit 100\n",
      "is an sv that is too old",
    ],
    ["writes without end", "#!/bin/sh\nexec yes 2>&1\n", "did not end its trial within 0.3 s"],
    ["hangs", "#!/bin/sh\nexec sleep 1000\n", "did not end its trial within 0.3 s"],
  ] as const
) {
  Deno.test(`a program that ${what} does not pass`, async () => {
    const limit = reason.includes("0.3 s") ? 300 : undefined;
    assertStringIncludes((await reasonAgainstScript(script, limit))!, reason);
  });
}

Deno.test("a program that prints a version and exits 0 passes; it gets the snapshot", async () => {
  await using directory = await temporaryDirectory();
  const got = `${directory.path}/got`;
  await writeFiles(directory.path, {
    sv: `#!/bin/sh\necho "$@" >${got}\ncat /proc/self/fd/0 >>${got}\necho 1.2.3-rc.1\n`,
  });
  assertEquals(await reasonAgainst([`${directory.path}/sv`, "scan"]), undefined);
  const [args, text] = (await Deno.readTextFile(got)).split("\n");
  assertEquals(args, "scan --trial 0 /run/service");
  assertEquals(JSON.parse(text!).control, 20);
});

Deno.test("what the arguments name is open in the trial", async () => {
  const named = duplicate(2, 60);
  try {
    const options = { args: ["-X", String(named), "/run/service"] };
    assertStringIncludes((await reasonAgainst([...sv, "scan"], options))!, "it is not open");
    assertEquals(await reasonAgainst([...sv, "scan"], { ...options, named: [named] }), undefined);
  } finally {
    close(named);
  }
});

Deno.test("a trial leaves no process and no descriptor behind", async () => {
  await using directory = await temporaryDirectory();
  await writeFiles(directory.path, {
    sv: `#!/bin/sh\nsleep 1000 & echo $! $$ >${directory.path}/pids.new\n` +
      `mv ${directory.path}/pids.new ${directory.path}/pids\nwait\n`,
  });
  const pids = async () =>
    (await Deno.readTextFile(`${directory.path}/pids`)).trim().split(" ").map(Number);
  await reasonAgainst(["/bin/true"]);
  const before = openDescriptors();
  assert(await reasonAgainst([`${directory.path}/sv`], { limit: 2000 }));
  for (const pid of await pids()) await until(() => !isAlive(pid), `process ${pid} to end`);
  assertEquals(openDescriptors(), before);
  await Deno.remove(`${directory.path}/pids`);
  let called = false;
  const trial = tryProgram({
    program: [`${directory.path}/sv`],
    args: [],
    named: [],
    snapshot,
    spawner: new PosixSpawner(),
    deaths: new PidfdDeaths(),
    softNofile: undefined,
  }, () => called = true);
  await until(() => pids().catch(() => undefined), "the program to start another");
  trial[Symbol.dispose]();
  for (const pid of await pids()) await until(() => !isAlive(pid), `process ${pid} to end`);
  assertEquals(openDescriptors(), before);
  assertEquals(called, false);
});

for (
  const [what, text, reason] of [
    ["that is not there", undefined, "No such file or directory"],
    ["that is garbage", "garbage", "Exec format error"],
  ] as const
) {
  Deno.test(`a program ${what} can't be tried, and nothing stays open`, async () => {
    await using directory = await temporaryDirectory();
    if (text !== undefined) {
      await Deno.writeTextFile(`${directory.path}/sv`, text);
      await Deno.chmod(`${directory.path}/sv`, 0o755);
    }
    const before = openDescriptors();
    const error = await reasonAgainst([`${directory.path}/sv`]).catch((error) => error);
    assertStringIncludes(error.message, reason);
    assertEquals(openDescriptors(), before);
  });
}
