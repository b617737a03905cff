/** `sv scanctl --upgrade` waits for the outcome of the upgrade, prints it, and leaves nothing behind. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { close, CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { findAskers } from "../../lib/scan/askers.ts";
import { ScanPath } from "../../lib/servicedir/protocol.ts";
import { openControl } from "../../lib/servicedir/supervise_dir.ts";
import { writeFiles } from "../support/files.ts";
import { type Missing, missingRoot, testNeeding } from "../support/needs.ts";
import { isAlive } from "../support/processes.ts";
import { sv, svCommand } from "../support/program.ts";
import { type Finished, run } from "../support/run.ts";
import { until } from "../support/until.ts";
import { Scan } from "../support/scan.ts";
import { readyService, ScanDirectory } from "../support/scan_directory.ts";

/** From source the program on disk is the runtime, which can't be replaced. */
const noExecutable: Missing = sv.length === 1 ? undefined : "no executable to replace";

/** The first lines of a program whose trial the test waits for. It works in the scan directory. */
const BEGIN = "#!/bin/sh\necho $$ >../trial\n";

/** Makes a script pass the trial; what follows is for the hand-over. */
const PASS = 'if [ "$2" = --trial ]; then echo 9.9.9; exit 0; fi';

/** A scan with one service, whose program on disk can be replaced. */
class Upgradable implements AsyncDisposable {
  private constructor(
    readonly directory: ScanDirectory,
    readonly scan: Scan,
    readonly program: string,
    /** The process of the service. */
    readonly pid: number,
  ) {}

  static async start(): Promise<Upgradable> {
    const directory = await ScanDirectory.make({ a: readyService });
    const program = `${directory.parent}/sv`;
    await Deno.copyFile(sv[0]!, program);
    const scan = await Scan.start(directory.path, { command: [program, "scan"] });
    return new Upgradable(directory, scan, program, (await directory.ready("a")).pid);
  }

  /** Replaces the program on disk. */
  async replace(text: string): Promise<void> {
    await writeFiles(this.directory.parent, { "sv.new": text });
    await Deno.rename(`${this.program}.new`, this.program);
  }

  /** Asks for an upgrade, and waits for the end of the command. */
  upgrade(...options: readonly string[]): Promise<Finished> {
    return run([...svCommand("scanctl"), "--upgrade", ...options, this.directory.path]);
  }

  /** The command asks for an upgrade, and has got a FIFO for the answer. */
  async asking(...options: readonly string[]): Promise<{ finished: Promise<Finished> }> {
    const count = this.askers.length;
    const finished = this.upgrade(...options);
    await until(() => this.askers.length > count, "an asker");
    return { finished };
  }

  /** Waits until a program has begun its trial and has written its process id; see BEGIN. */
  async trial(): Promise<number> {
    return await until(async () => {
      const pid = await Deno.readTextFile(`${this.directory.parent}/trial`).catch(() => "");
      return pid.endsWith("\n") && Number(pid);
    }, "a trial to begin");
  }

  get askers(): string[] {
    return findAskers(`${this.directory.path}/${ScanPath.directory}`);
  }

  /** Nothing but the scan's own is in the control directory, and the service was left alone. */
  async assertUntouched(): Promise<void> {
    assertEquals(controlFiles(this.directory), ["control", "lock", "statuses"]);
    assertEquals((await this.directory.status("a")).pid, this.pid);
    assert(isAlive(this.pid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scan[Symbol.asyncDispose]();
    await this.directory[Symbol.asyncDispose]();
  }
}

function controlFiles(directory: ScanDirectory): string[] {
  return [...Deno.readDirSync(`${directory.path}/${ScanPath.directory}`)].map(({ name }) => name)
    .sort();
}

const NOBODY = 65534;
const asNobody = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];

/** Makes a directory where the packed executable can unpack itself as nobody. */
async function unpackingAsNobody(directory: ScanDirectory): Promise<{ XDG_CACHE_HOME: string }> {
  const cache = `${directory.parent}/cache`;
  await Deno.mkdir(cache);
  await Deno.chown(cache, NOBODY, NOBODY);
  return { XDG_CACHE_HOME: cache };
}

testNeeding([noExecutable], "scanctl --upgrade prints from which version to which", async () => {
  await using running = await Upgradable.start();
  const version = (await run([...sv, "--version"])).stdout.trim().split(" ").at(-1);
  const { code, stdout, stderr } = await running.upgrade();
  assertEquals([code, stderr], [0, ""]);
  const path = running.directory.path;
  assertEquals(stdout, `upgraded the scan of ${path} from sv ${version} to sv ${version}\n`);
  await running.assertUntouched();
});

testNeeding([noExecutable], "several askers are all answered", async () => {
  await using running = await Upgradable.start();
  const answers = await Promise.all([1, 2, 3, 4].map(() => running.upgrade()));
  for (const { code, stdout, stderr } of answers) {
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "upgraded");
  }
  await running.assertUntouched();
});

testNeeding([noExecutable], "other commands beside --upgrade keep their order", async () => {
  await using running = await Upgradable.start();
  await running.directory.add("b", readyService);
  assertEquals((await running.upgrade("-a")).code, 0);
  await running.directory.ready("b");
  const { code, stderr } = await run(
    [...svCommand("scanctl"), "-t", "--upgrade", running.directory.path],
  );
  assertEquals(code, 1);
  assertStringIncludes(stderr, "everything is being brought down");
  assertEquals((await running.scan.exited()).code, 0);
});

for (
  const [what, program, reason] of [
    ["fails, and says why", "#!/bin/sh\necho 'sv scan: fatal: no way' >&2\nexit 1\n", "no way"],
    ["says nothing", "#!/bin/sh\nexit 0\n", "did not print its version"],
    ["is garbage", "#!/no/such/interpreter\n", "No such file or directory"],
    [
      "is an older sv",
      "#!/bin/sh\necho 'sv scan: fatal: unknown option --trial' >&2\nexit 100\n",
      "too old",
    ],
    [
      "does not know the options of the scan",
      '#!/bin/sh\nexec "$SV" scan --trial 0 --gone /run/service\n',
      "unknown option --gone",
    ],
  ] as const
) {
  testNeeding([noExecutable], `scanctl --upgrade to a program that ${what} exits 1`, async () => {
    await using running = await Upgradable.start();
    await running.replace(program.replace("$SV", sv[0]!));
    const { code, stdout, stderr } = await running.upgrade();
    assertEquals([code, stdout], [1, ""]);
    assertStringIncludes(stderr, `cannot upgrade the scan of ${running.directory.path}: `);
    assertStringIncludes(stderr, reason);
    assertEquals(stderr.trim().split("\n").length, 1);
    await running.scan.says(reason);
    await running.assertUntouched();
    await Deno.remove(running.program);
    assertStringIncludes((await running.upgrade()).stderr, "No such file or directory");
    await running.assertUntouched();
  });
}

testNeeding(
  [noExecutable],
  "scanctl --upgrade --timeout exits 99 when the time is up",
  async () => {
    await using running = await Upgradable.start();
    await running.replace("#!/bin/sh\nexec sleep 100000\n");
    const { code, stderr } = await running.upgrade("--timeout", "200");
    assertEquals(code, 99, stderr);
    assertStringIncludes(stderr, "timed out after 200 milliseconds");
    await running.assertUntouched();
  },
);

testNeeding(
  [noExecutable],
  "an upgrade that is under way when the scan ends is refused",
  async () => {
    await using running = await Upgradable.start();
    await running.replace(`${BEGIN}exec sleep 100000\n`);
    const { finished } = await running.asking();
    await running.trial();
    await running.scan.send("t");
    const { code, stderr } = await finished;
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, "the scan ends");
    assertEquals((await running.scan.exited()).code, 0);
  },
);

testNeeding([noExecutable], "scanctl --upgrade exits 102 when the scan is killed", async () => {
  await using running = await Upgradable.start();
  await running.replace(`${BEGIN}exec sleep 100000\n`);
  const { finished } = await running.asking("--timeout", "0");
  await running.trial();
  running.scan.signal("SIGKILL");
  const { code, stderr } = await finished;
  assertEquals(code, 102);
  assertStringIncludes(stderr, "it ended before it answered");
  assertEquals(controlFiles(running.directory), ["control", "lock", "statuses"]);
});

testNeeding([noExecutable], "an asker that was killed leaves nothing behind", async () => {
  await using running = await Upgradable.start();
  await running.replace(`${BEGIN}while [ ! -e go ]; do sleep 0.01; done\nexit 1\n`);
  const killed = new Deno.Command(sv[0]!, {
    args: ["scanctl", "--upgrade", running.directory.path],
    stdout: "null",
    stderr: "null",
  }).spawn();
  await running.trial();
  killed.kill("SIGKILL");
  await killed.status;
  const [left] = controlFiles(running.directory).filter((name) => name.startsWith("asker:"));
  const { isFifo, mode } = await Deno.stat(
    `${running.directory.path}/${ScanPath.directory}/${left}`,
  );
  assertEquals([isFifo, mode! & 0o777], [true, 0o600]);
  await Deno.writeTextFile(`${running.directory.path}/go`, "");
  await running.scan.says("no upgrade");
  await until(
    () => !controlFiles(running.directory).includes(left!),
    "its FIFO to be removed",
  );
});

testNeeding(
  [noExecutable],
  "an asker that came during a trial that fails gets a trial of its own",
  async () => {
    await using running = await Upgradable.start();
    await running.replace(
      `${BEGIN}while [ ! -e go ]; do sleep 0.01; done\necho first >&2\nexit 1\n`,
    );
    const first = await running.asking();
    await running.trial();
    await running.replace("#!/bin/sh\necho second >&2\nexit 1\n");
    const second = await running.asking();
    await Deno.writeTextFile(`${running.directory.path}/go`, "");
    assertStringIncludes((await first.finished).stderr, ": first\n");
    assertStringIncludes((await second.finished).stderr, ": second\n");
    await running.assertUntouched();
  },
);

for (const how of ["b", "SIGABRT"] as const) {
  testNeeding([noExecutable], `${how} ends a scan whose upgrade is under way`, async () => {
    await using running = await Upgradable.start();
    await running.replace(`${BEGIN}exec sleep 100000\n`);
    const { finished } = await running.asking();
    const trial = await running.trial();
    if (how === "b") await running.scan.send("b");
    else running.scan.signal(how);
    assertEquals((await running.scan.exited()).code, 0);
    const { code, stderr } = await finished;
    assertEquals(code, 1, stderr);
    assertStringIncludes(stderr, "the scan is told to end at once");
    await until(() => !isAlive(trial), "the trial to end");
    assert(isAlive(running.pid));
  });
}

testNeeding(
  [noExecutable],
  "-b while services start and an upgrade waits ends the scan",
  async () => {
    await using running = await Upgradable.start();
    const names = Array.from({ length: 300 }, (_, index) => `s${index}`);
    for (const name of names) await running.directory.add(name, readyService);
    await running.scan.send("aVb");
    assertEquals((await running.scan.exited()).code, 0, running.scan.stderr);
    const started = names.filter((name) => {
      try {
        return Deno.statSync(`${running.directory.service(name)}/supervise`).isDirectory;
      } catch {
        return false;
      }
    });
    assert(started.length < names.length / 10, `${started.length} services were started`);
  },
);

for (const how of ["SIGWINCH", "a command"] as const) {
  testNeeding(
    [noExecutable],
    `${how} that comes with the end of the trial is not lost`,
    async () => {
      await using running = await Upgradable.start();
      const { directory, scan } = running;
      await writeFiles(directory.path, { ".s6-svscan/SIGWINCH": "#!/bin/sh\necho >caught\n" });
      await running.replace(`${BEGIN}
if [ "$2" = --trial ]; then
  while [ ! -e go ]; do sleep 0.01; done
  echo 9.9.9
  exit 0
fi
exec "${sv[0]}" "$@"
`);
      const { finished } = await running.asking();
      const trial = await running.trial();
      scan.signal("SIGSTOP");
      await Deno.writeTextFile(`${directory.path}/go`, "");
      await until(() => !isAlive(trial), "the end of the trial");
      // The scan reads both at once: that its child has died, and what follows.
      if (how === "SIGWINCH") scan.signal(how);
      else {
        await directory.add("b", readyService);
        await scan.send("za");
      }
      scan.signal("SIGCONT");
      const { code, stderr } = await finished;
      assertEquals(code, 0, stderr);
      if (how === "a command") await directory.ready("b");
      else await directory.contains("caught", () => true, "a signal");
    },
  );
}

testNeeding(
  [noExecutable],
  "the snapshot of format 1 is resumed, and its asker answered",
  async () => {
    await using running = await Upgradable.start();
    const old = `${running.directory.parent}/old.json`;
    const convert = `${running.directory.parent}/convert.ts`;
    await writeFiles(running.directory.parent, {
      "convert.ts": `const [from, to] = Deno.args;
const { format, version, askers, services, loggers, ...scan } =
  JSON.parse(Deno.readTextFileSync(from));
for (const scanned of services) {
  delete scanned.retryAt;
  delete scanned.retryDelay;
  if (scanned.service === undefined) continue;
  scanned.service.adopted = scanned.service.foreign;
  delete scanned.service.foreign;
}
Deno.writeTextFileSync(to, JSON.stringify({ ...scan, scanner: { services, loggers } }));
`,
    });
    // As a scan of that time does: no trial of the snapshot, and no number in it.
    await running.replace(`#!/bin/sh
${PASS}
"${Deno.execPath()}" run --quiet --no-config -A "${convert}" /proc/$$/fd/$3 "${old}" || exit 111
shift 3
exec 9<"${old}"
exec "${sv[0]}" scan --resume 9 "$@"
`);
    const { code, stdout, stderr } = await running.upgrade();
    assertEquals(code, 0, stderr + running.scan.stderr);
    assertMatch(stdout, /from an older sv to sv \d/);
    await running.assertUntouched();
    await running.directory.send("a", "r");
    await running.directory.restarted("a", running.pid);
  },
);

Deno.test("a scan that is too old to answer: exit 99, and the reason why there is no answer", async () => {
  await using directory = await ScanDirectory.make();
  const here = open(CWD, directory.path, Open.READ | Open.DIRECTORY);
  // A scan that reads its commands and never answers.
  using _held = openControl(here, ScanPath, directory.path, 0o600);
  close(here);
  const { code, stderr } = await run(
    [...svCommand("scanctl"), "--upgrade", "--timeout", "100", directory.path],
  );
  assertEquals(code, 99);
  assertStringIncludes(stderr, "an sv scan that is too old to answer");
  assertEquals(controlFiles(directory), ["control", "lock"]);
});

Deno.test("scanctl --upgrade --no-wait only asks", async () => {
  await using directory = await ScanDirectory.make();
  const here = open(CWD, directory.path, Open.READ | Open.DIRECTORY);
  using held = openControl(here, ScanPath, directory.path, 0o600);
  close(here);
  const { code, stdout, stderr } = await run(
    [...svCommand("scanctl"), "-a", "--upgrade", "--no-wait", "-n", directory.path],
  );
  assertEquals([code, stdout, stderr], [0, "", ""]);
  using control = new Descriptor(open(CWD, `/proc/self/fd/${held.control}`, Open.READ));
  const buffer = new Uint8Array(8);
  const file = await Deno.open(`/proc/self/fd/${control.fd}`);
  const count = await file.read(buffer);
  file.close();
  assertEquals(new TextDecoder().decode(buffer.subarray(0, count ?? 0)), "aVn");
});

Deno.test("scanctl --upgrade where no scan is running exits 100, and makes nothing", async () => {
  await using directory = await ScanDirectory.make();
  const never = await run([...svCommand("scanctl"), "--upgrade", directory.path]);
  assertEquals(never.code, 100, never.stderr);
  assertStringIncludes(never.stderr, "no sv scan is running");
  await using scan = await Scan.start(directory.path);
  await scan.send("t");
  await scan.exited();
  const ended = await run([...svCommand("scanctl"), "--upgrade", directory.path]);
  assertEquals(ended.code, 100, ended.stderr);
  assertEquals(controlFiles(directory), ["control", "lock", "statuses"]);
});

testNeeding(
  [noExecutable, missingRoot("to be another user")],
  "root is answered by the scan of another user",
  async () => {
    await using directory = await ScanDirectory.make();
    const env = await unpackingAsNobody(directory);
    await Deno.chown(directory.path, NOBODY, NOBODY);
    await Deno.chmod(directory.parent, 0o755);
    await using scan = await Scan.start(directory.path, {
      through: ["env", `XDG_CACHE_HOME=${env.XDG_CACHE_HOME}`, ...asNobody],
      command: [...sv, "scan"],
    });
    const { code, stdout, stderr } = await run(
      [...svCommand("scanctl"), "--upgrade", directory.path],
    );
    assertEquals(code, 0, stderr + scan.stderr);
    assertStringIncludes(stdout, "upgraded the scan of");
    assertEquals(controlFiles(directory), ["control", "lock", "statuses"]);
  },
);

testNeeding(
  [missingRoot("to be another user")],
  "a user who may control the scan, but is not its own, is told that there is no answer",
  async () => {
    await using directory = await ScanDirectory.make();
    await using scan = await Scan.start(directory.path);
    const env = await unpackingAsNobody(directory);
    const control = `${directory.path}/${ScanPath.directory}`;
    for (const path of [directory.parent, directory.path, control]) await Deno.chmod(path, 0o711);
    await Deno.chmod(`${control}/control`, 0o622);
    const { code, stderr } = await run(
      [...asNobody, ...svCommand("scanctl"), "--upgrade", directory.path],
      { env },
    );
    assertEquals(code, 111, stderr);
    assertStringIncludes(stderr, "--no-wait asks without waiting");
    assertEquals(scan.stderr, "");
    assertEquals(controlFiles(directory), ["control", "lock", "statuses"]);
    const asked = await run(
      [...asNobody, ...svCommand("scanctl"), "-z", "--upgrade", "--no-wait", directory.path],
      { env },
    );
    assertEquals([asked.code, asked.stderr], [0, ""]);
  },
);
