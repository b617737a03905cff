/** Services without a logger, whose output a log process of the scan writes. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { logProcesses } from "../log/collector/log_processes.ts";
import { DEADLINE } from "../support/deadline.ts";
import { testNeeding } from "../support/needs.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { run } from "../support/run.ts";
import { Scan } from "../support/scan.ts";
import { gone, ScanDirectory } from "../support/scan_directory.ts";
import { svCommand } from "../support/program.ts";
import { freezableDisk, missingFreeze, missingMounts, mountTmpfs } from "../support/tmpfs.ts";
import { until } from "../support/until.ts";
import { writeFifo } from "../support/write_fifo.ts";

/** A service that writes a line for each that is written into its FIFO `say`, and says its process id. */
const ECHO = "#!/bin/sh\nmkfifo say 2>/dev/null\necho started\nexec cat <>say\n";
/** A service that writes lines without end, and how many into `count`, every hundred. */
const FLOOD = `#!/bin/sh
i=0
while :; do
  i=$((i + 1))
  echo "$i ${"x".repeat(90)}"
  [ $((i % 100)) != 0 ] || echo $i >count
done
`;

const STAMP = /^@[0-9a-f]{24} /gm;

/** Returns the lines of a log directory without their stamps; empty where there is none. */
function logged(directory: string): string {
  let files: string[];
  try {
    files = [...Deno.readDirSync(directory)].map(({ name }) => name);
  } catch {
    return "";
  }
  const text = (name: string) => {
    try {
      return Deno.readTextFileSync(`${directory}/${name}`);
    } catch {
      // It is being rotated.
      return "";
    }
  };
  return [...files.filter((name) => name.startsWith("@")).sort(), "previous", "current"]
    .map(text).join("").replace(STAMP, "");
}

async function logs(directory: string, wanted: string): Promise<void> {
  await until(() => logged(directory) === wanted, `${directory} to hold ${JSON.stringify(wanted)}`)
    .catch((error) => {
      throw new Error(`${error.message}; it holds ${JSON.stringify(logged(directory))}`);
    });
}

/** Has an `ECHO` service write a line. */
async function say(directory: ScanDirectory, name: string, line: string): Promise<void> {
  await writeFifo(`${directory.service(name)}/say`, `${line}\n`);
}

Deno.test("--log logs every service without a logger, and its end waits for every line", async () => {
  await using directory = await ScanDirectory.make({
    a: { run: ECHO },
    b: { "run": ECHO, "data/sv/log": "" },
    c: { "run": ECHO, "log/run": "#!/bin/sh\nexec cat >lines\n" },
    half: { run: "#!/bin/sh\nprintf 'no end'\n: >written\nexec sleep 100000\n" },
  });
  const top = `${directory.parent}/logs`;
  await using scan = await Scan.start(directory.path, { options: ["--log", top] });
  await logs(`${top}/a`, "started\n");
  await logs(`${top}/b`, "started\n");
  await directory.contains("c/log/lines", (text) => text === "started\n", "the line");
  await say(directory, "a", "more");
  await logs(`${top}/a`, "started\nmore\n");
  assertMatch(Deno.readTextFileSync(`${top}/a/current`), /^(@[0-9a-f]{24} .*\n){2}$/);
  assertEquals((await logProcesses(directory.path)).length, 1);
  await directory.contains("half/written", () => true, "what is written when its line is");
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
  assertEquals(await logProcesses(directory.path), []);
  assertEquals(logged(`${top}/half`), "no end\n");
  assertEquals([...Deno.readDirSync(top)].map(({ name }) => name).sort(), ["a", "b", "half"]);
  const { mode } = Deno.statSync(`${top}/a/current`);
  assertEquals(mode! & 0o100, 0o100, "the next logger can go on with it");
  assertEquals(scan.stderr, "");
});

Deno.test("data/sv/log names the directory, the size and the stamps", async () => {
  await using directory = await ScanDirectory.make();
  const log = `${directory.parent}/a log`;
  const run =
    '#!/bin/sh\nfor i in $(seq 1 300); do echo "line $i of many"; done\nexec sleep 100000\n';
  await directory.add("a", { run, "data/sv/log": `# all that comes\nT s4096 n3 '${log}'\n` });
  await using _scan = await Scan.start(directory.path);
  await until(() => logged(log).endsWith("  line 300 of many\n"), "the last line");
  const names = () => [...Deno.readDirSync(log)].map(({ name }) => name);
  const archives = () => names().filter((name) => name.startsWith("@"));
  await until(() => archives().length === 3 && !names().includes("previous"), "three archives");
  assert(archives().every((name) => Deno.statSync(`${log}/${name}`).size <= 4096));
  assertMatch(
    Deno.readTextFileSync(`${log}/${archives()[0]}`),
    /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} {2}line \d+ of many\n)+$/,
  );
});

Deno.test("what can't be logged is warned of once, and the service runs with the scan's stdout", async () => {
  const wrong = (text: string) => ({ run: ECHO, "data/sv/log": text });
  await using directory = await ScanDirectory.make({
    nowhere: wrong("t"),
    word: wrong("gzip"),
    two: { ...wrong("/nowhere"), "log/run": "#!/bin/sh\nexec cat >lines\n" },
  });
  await directory.add("taken", { ...wrong("/nowhere"), "supervise/output": "a file" });
  await using scan = await Scan.start(directory.path);
  for (const name of ["nowhere", "word", "two", "taken"]) await directory.up(name);
  const warnings = [
    "nowhere: not using data/sv/log: it names no directory, and the scan has no option --log",
    'word: not using data/sv/log: "gzip" is none of nNUMBER, sBYTES, SBYTES, t, T and an absolute path',
    "two: not using data/sv/log: the service has a logger, log; remove one of the two",
    "taken: warning: its output is not logged: supervise/output is not a FIFO of user ",
  ];
  for (const warning of warnings) await scan.says(warning);
  await until(() => scan.stdout === "started\n".repeat(3), "three lines on the scan's stdout");
  await directory.add("last", { run: ECHO });
  await scan.send("a");
  await directory.up("last");
  for (const warning of warnings.slice(0, 3)) assertEquals(scan.stderr.split(warning).length, 2);
});

Deno.test("--log - writes lines with names to stdout, or as JSON", async () => {
  const services = { a: { run: ECHO }, longer: { run: ECHO } };
  {
    await using directory = await ScanDirectory.make(services);
    await using scan = await Scan.start(directory.path, { options: ["--log", "-"] });
    await until(() => scan.stdout.length === 29, "two lines");
    assertEquals(scan.stdout.split("\n").sort(), ["", "a | started", "longer | started"]);
    await scan.send("t");
    assertEquals((await scan.exited()).code, 0);
  }
  await using directory = await ScanDirectory.make(services);
  const options = ["--log", "-", "--log-format", "json"];
  await using scan = await Scan.start(directory.path, { options });
  await until(() => scan.stdout.split("\n").length === 3, "two lines");
  const [first, second] = scan.stdout.split("\n").map((line) => line && JSON.parse(line))
    .sort((a, b) => a.service < b.service ? -1 : 1);
  assertEquals([first.service, first.stream, first.line], ["a", "stdout", "started"]);
  assertEquals(second.service, "longer");
  assert(Math.abs(Date.parse(first.time) - Date.now()) < DEADLINE, first.time);
});

Deno.test("a reader of stdout that is slow slows the services that write, and not the scan", async () => {
  await using directory = await ScanDirectory.make({ flood: { run: FLOOD }, other: { run: ECHO } });
  const [program, ...args] = [...svCommand("scan"), "--log", "-", directory.path];
  const child = new Deno.Command(program!, { args, stdin: "null", stdout: "piped", stderr: "null" })
    .spawn();
  try {
    const counted = () => Number(Deno.readTextFileSync(`${directory.service("flood")}/count`));
    await directory.contains("flood/count", (text) => text !== "", "a count");
    let before = -1;
    // No deadline tells that it stands still: it would be reached by a service that is only slow.
    await until(async () => {
      const now = counted();
      if (now === before) return true;
      before = now;
      await new Promise((wake) => setTimeout(wake, 300));
    }, "the service to wait");
    const { pid } = await directory.up("other");
    await directory.send("other", "r");
    await directory.restarted("other", pid);
    const reader = child.stdout.getReader();
    let bytes = 0;
    await until(async () => {
      bytes += (await reader.read()).value?.length ?? 0;
      return counted() > before + 10_000 && bytes > 1e6;
    }, "the service to go on");
    await reader.cancel();
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

testNeeding(
  [missingMounts()],
  "a full disk stops its own service alone, and status tells it",
  async () => {
    await using directory = await ScanDirectory.make();
    await using disk = await mountTmpfs(`${directory.parent}/disk`, "1m");
    await disk.fill();
    await directory.add("full", { run: ECHO, "data/sv/log": `${disk.path}/full` });
    await directory.add("well", { run: ECHO, "data/sv/log": `${directory.parent}/well` });
    await using scan = await Scan.start(directory.path);
    await logs(`${directory.parent}/well`, "started\n");
    const status = async () =>
      (await run([...svCommand("status"), "full"], { env: { SVDIR: directory.path } })).stdout;
    await until(
      async () => /its log has stood still for .*: .*no space left/i.test(await status()),
      "the status to tell it",
    );
    await scan.says(/warning: full: its log stands still: .*no space left/i);
    await say(directory, "full", "while it is full");
    await say(directory, "well", "goes on");
    await logs(`${directory.parent}/well`, "started\ngoes on\n");
    await disk.free();
    await logs(`${disk.path}/full`, "started\nwhile it is full\n");
    await until(async () => !/stood still/.test(await status()), "the status to forget it");
  },
);

testNeeding(
  [missingFreeze()],
  "a disk that stands still stops its own services alone",
  async () => {
    await using directory = await ScanDirectory.make();
    await using disk = await freezableDisk(`${directory.parent}/disk`);
    await directory.add("still", { run: ECHO, "data/sv/log": `${disk.path}/still` });
    await directory.add("well", { run: ECHO, "data/sv/log": `${directory.parent}/well` });
    await using _scan = await Scan.start(directory.path);
    await logs(`${disk.path}/still`, "started\n");
    await disk.freeze();
    try {
      await say(directory, "still", "while it stands still");
      await say(directory, "well", "goes on");
      await logs(`${directory.parent}/well`, "started\ngoes on\n");
      const status = async () =>
        (await run([...svCommand("status"), "still"], { env: { SVDIR: directory.path } })).stdout;
      await until(
        async () => /its log has stood still for .*: a write has not returned/.test(await status()),
        "the status to tell it",
      );
      const { pid } = await directory.up("still");
      await directory.send("still", "r");
      await directory.restarted("still", pid);
    } finally {
      await disk.thaw();
    }
    await logs(`${disk.path}/still`, "started\nwhile it stands still\nstarted\n");
  },
);

Deno.test("an upgrade, and the scan after a killed one, put a new log process in the place of the old", async () => {
  await using directory = await ScanDirectory.make({ a: { run: ECHO }, b: { run: ECHO } });
  const top = `${directory.parent}/logs`;
  const options = ["--log", top];
  await using first = await Scan.start(directory.path, { options });
  await logs(`${top}/a`, "started\n");
  await logs(`${top}/b`, "started\n");
  const [before] = await logProcesses(directory.path);
  await first.send("V");
  await gone(before!);
  await say(directory, "a", "upgraded");
  await logs(`${top}/a`, "started\nupgraded\n");
  const [between] = await logProcesses(directory.path);
  first.signal("SIGKILL");
  await first.exited();
  await say(directory, "a", "killed");
  await logs(`${top}/a`, "started\nupgraded\nkilled\n");
  await using _second = await Scan.start(directory.path, { options });
  await gone(between!);
  await say(directory, "a", "taken over");
  await say(directory, "b", "taken over");
  await logs(`${top}/a`, "started\nupgraded\nkilled\ntaken over\n");
  await logs(`${top}/b`, "started\ntaken over\n");
  assertEquals((await logProcesses(directory.path)).length, 1);
});

Deno.test("a log process whose scan was killed ends with the last service", async () => {
  await using directory = await ScanDirectory.make({ a: { run: ECHO } });
  const top = `${directory.parent}/logs`;
  await using scan = await Scan.start(directory.path, { options: ["--log", top] });
  await logs(`${top}/a`, "started\n");
  const [pid] = await logProcesses(directory.path);
  const service = await directory.up("a");
  scan.signal("SIGKILL");
  await scan.exited();
  Deno.kill(service.pid, "SIGKILL");
  await gone(pid!);
});

Deno.test("a service that is removed is logged to its end; data/sv/log counts from the next start", async () => {
  await using directory = await ScanDirectory.make({ a: { run: ECHO }, b: { run: ECHO } });
  const log = `${directory.parent}/log`;
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.up("a");
  await until(() => scan.stdout === "started\n".repeat(2), "the lines on the scan's stdout");
  await Deno.mkdir(`${directory.service("a")}/data/sv`, { recursive: true });
  await Deno.writeTextFile(`${directory.service("a")}/data/sv/log`, log);
  await directory.add("c", { run: ECHO });
  await scan.send("a");
  await directory.up("c");
  await directory.send("a", "r");
  await directory.restarted("a", pid);
  await logs(log, "started\n");
  const [logProcess] = await logProcesses(directory.path);
  const fifos = () =>
    [...openDescriptors(logProcess!).values()]
      .filter((target) => target.endsWith("supervise/output")).length;
  await until(() => fifos() === 1, "the FIFO to be open");
  await Deno.rename(directory.service("a"), `${directory.parent}/away`);
  await scan.send("an");
  await until(() => fifos() === 0, "the FIFO to be closed");
});
