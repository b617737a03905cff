/** The FIFO of a service's output, its log process, and what the next scan makes of both. */
import { assert, assertEquals } from "@std/assert";
import { exists } from "@std/fs/exists";
import { logProcesses } from "../log/collector/log_processes.ts";
import type { Files } from "../support/files.ts";
import { testNeeding } from "../support/needs.ts";
import { svCommand } from "../support/program.ts";
import { Scan } from "../support/scan.ts";
import { gone, ScanDirectory, silentService } from "../support/scan_directory.ts";
import { missingMounts, mountTmpfs } from "../support/tmpfs.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { writeFifo } from "../support/write_fifo.ts";

/** A service that writes what is written into its FIFO `say`. */
const ECHO = "#!/bin/sh\nmkfifo say 2>/dev/null\necho started\nexec cat <>say\n";

/** Returns the content of `current` without its stamps. */
async function logged(log: string): Promise<string> {
  const text = await Deno.readTextFile(`${log}/current`).catch(() => "");
  return text.replace(/^@[0-9a-f]{24} /gm, "");
}

async function say(directory: ScanDirectory, name: string, text: string): Promise<void> {
  await writeFifo(`${directory.service(name)}/say`, text);
}

Deno.test("a log process ends at SIGTERM, and the next one goes on", async () => {
  await using directory = await ScanDirectory.make({ a: { run: ECHO } });
  const log = `${directory.parent}/logs`;
  await using scan = await Scan.start(directory.path, { options: ["--log", log] });
  await until(async () => await logged(`${log}/a`) === "started\n", "the first line");
  const [pid] = await logProcesses(directory.path);
  Deno.kill(pid!, "SIGTERM");
  await gone(pid!);
  await say(directory, "a", "more\n");
  await until(async () => await logged(`${log}/a`) === "started\nmore\n", "the next line");
  assertEquals(scan.stderr, "");
});

/** More than a FIFO and a journal hold that nobody reads. */
const MUCH = Array.from({ length: 40_000 }, (_, index) => `${index} ${"x".repeat(40)}\n`).join("");

for (
  const [what, change] of [
    ["has no data/sv/log any more", undefined],
    ["has got a logger", { "log/run": "#!/bin/sh\nexec cat >lines\n" }],
  ] as const satisfies readonly (readonly [string, Files | undefined])[]
) {
  Deno.test(`a service whose scan and log process were killed, and that ${what}, goes on`, async () => {
    await using directory = await ScanDirectory.make();
    const log = `${directory.parent}/log`;
    await directory.add("a", { run: ECHO, "data/sv/log": log });
    const first = await Scan.start(directory.path);
    await until(async () => await logged(log) === "started\n", "the first line");
    const { pid } = await directory.up("a");
    first.signal("SIGKILL");
    await first.exited();
    for (const pid of await logProcesses(directory.path)) {
      Deno.kill(pid, "SIGKILL");
      await gone(pid);
    }
    await say(directory, "a", "in between\n");
    await Deno.remove(`${directory.service("a")}/data/sv/log`);
    for (const [path, text] of Object.entries(change ?? {})) {
      await Deno.mkdir(`${directory.service("a")}/log`);
      await Deno.writeTextFile(`${directory.service("a")}/${path}`, text, { mode: 0o755 });
    }
    await using second = await Scan.start(directory.path);
    await within(say(directory, "a", MUCH), "the service to take more than a FIFO holds");
    const wanted = `in between\n${MUCH}`;
    await until(() => second.stdout.length >= wanted.length, "its output on the scan's stdout");
    assert(second.stdout === wanted, "each line once, as it is");
    assertEquals((await directory.status("a")).pid, pid);
    // An upgraded scan has not seen the former one's order either.
    for (const before of await logProcesses(directory.path)) {
      await second.send("V");
      await gone(before);
    }
    await say(directory, "a", "upgraded\n");
    await until(() => second.stdout === `${wanted}upgraded\n`, "a line after an upgrade");
    await directory.send("a", "r");
    await directory.restarted("a", pid);
    const output = `${directory.service("a")}/supervise/output`;
    await until(
      async () => !await exists(output) && !await exists(`${output}-journal`),
      "the FIFO and the journal to be removed",
    );
    if (change === undefined) {
      await until(() => second.stdout === `${wanted}upgraded\nstarted\n`, "the scan's own stdout");
    } else await directory.contains("a/log/lines", (text) => text === "started\n", "the line");
    assertEquals(await logged(log), "started\n");
  });
}

testNeeding(
  [missingMounts()],
  "a service that comes back to a log on another disk, while a child still writes, has one log process",
  async () => {
    // The child, which keeps the FIFO open, is of the first start.
    const script = ECHO.replace(
      "echo",
      "[ -e child ] || { : >child; setsid sleep 100000 & }\necho",
    );
    await using directory = await ScanDirectory.make();
    await using disk = await mountTmpfs(`${directory.parent}/disk`, "1m");
    const [before, after] = [`${directory.parent}/before`, `${disk.path}/after`];
    await directory.add("a", { run: script, "data/sv/log": before });
    await using scan = await Scan.start(directory.path);
    await until(async () => await logged(before) === "started\n", "the line of the first start");
    const [former] = await logProcesses(directory.path);
    const restart = async (beside: string) => {
      const { pid } = await directory.up("a");
      // The scan has read the file when it has found this one.
      await directory.add(beside, silentService);
      await scan.send("a");
      await directory.up(beside);
      await directory.send("a", "r");
      await directory.restarted("a", pid);
    };
    const file = `${directory.service("a")}/data/sv/log`;
    await Deno.remove(file);
    await restart("b");
    await until(() => scan.stdout === "started\n", "the line of the second start");
    await Deno.writeTextFile(file, after);
    await restart("c");
    // What the former log process had read already is in its log.
    await gone(former!);
    await say(directory, "a", "more\n");
    await until(async () => (await logged(after)).endsWith("more\n"), "a line on the other disk");
    const [latter] = await logProcesses(directory.path);
    // A log process is started again a second after its last start.
    await new Promise((wake) => setTimeout(wake, 1500));
    assertEquals(await logProcesses(directory.path), [latter]);
  },
);

/** A service that writes numbered lines without end, and how many into `count`. */
const FLOOD = `#!/bin/sh
i=0
while :; do
  i=$((i + 1))
  echo "$i ${"x".repeat(90)}"
  [ $((i % 100)) != 0 ] || echo $i >count
done
`;

Deno.test("a log process that is killed in a write to stdout repeats 4 KiB at most", async () => {
  await using directory = await ScanDirectory.make({ flood: { run: FLOOD } });
  const [program, ...args] = [...svCommand("scan"), "--log", "-", directory.path];
  const child = new Deno.Command(program!, { args, stdin: "null", stdout: "piped", stderr: "null" })
    .spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const read = async (): Promise<boolean> => {
    const { done, value } = await within(reader.read(), "more output");
    text += value ?? "";
    return !done;
  };
  const KILLS = 3;
  try {
    for (let kills = 0; kills < KILLS; kills++) {
      const before = text.length;
      while (text.length < before + 300_000) await read();
      // Nobody reads now: the service stands still when all that is between has filled.
      let count = "";
      await until(async () => {
        const now = await directory.read("flood/count");
        if (now === count && now !== "") return true;
        count = now;
        await new Promise((wake) => setTimeout(wake, 100));
      }, "the service to wait");
      for (const pid of await logProcesses(directory.path)) {
        Deno.kill(pid, "SIGKILL");
        await gone(pid);
      }
    }
    const before = text.length;
    while (text.length < before + 2_000_000) await read();
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
  }
  let last = 0;
  const repeated: number[] = [];
  // The last line may be incomplete.
  for (const line of text.split("\n").slice(0, -1)) {
    const number = Number(/^flood \| (\d+) x{90}$/.exec(line)?.[1]);
    assert(number <= last + 1, `after line ${last} comes: ${line}`);
    if (number <= last) repeated.push((last - number + 1) * (line.length + 1));
    last = number;
  }
  assert(repeated.length <= KILLS && repeated.every((bytes) => bytes <= 4096), `${repeated}`);
});
