import { assert, assertEquals, assertThrows } from "@std/assert";
import { LogDirectory, type LogDirectoryHost } from "../../../lib/log/directory/log_directory.ts";
import {
  DEFAULT_SETTINGS,
  type LogDirectorySettings,
} from "../../../lib/log/directory/settings.ts";
import { missingPrograms, missingRoot, refused, testNeeding } from "../../support/needs.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";
import { archivesIn, describe, loggedIn, modeOf } from "./log_files.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const SMALL = { ...DEFAULT_SETTINGS, fileSize: 4096, tolerance: 96 };
const MODE = 0o666 & ~Deno.umask();

/** A line of a hundred bytes. */
const line = (number: number) => `${number} `.padEnd(99, "x") + "\n";
const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => line(from + index)).join("");

async function withinDeadline(promise: Promise<boolean>): Promise<boolean> {
  return await within(promise, "the end of a log directory");
}

/** Opens a directory, runs a test with it, and closes it. */
async function withLog(
  settings: LogDirectorySettings,
  test: (log: LogDirectory, path: string, reports: string[]) => void | Promise<void>,
  host: LogDirectoryHost = {},
): Promise<void> {
  await using temporary = await temporaryDirectory();
  const path = `${temporary.path}/log`;
  const reports: string[] = [];
  const log = LogDirectory.open(path, settings, {
    report: (message) => reports.push(message),
    ...host,
  });
  try {
    await test(log, path, reports);
  } finally {
    await withinDeadline(log.close());
  }
}

/** Writes all, as often as that takes. */
async function writeAll(log: LogDirectory, text: string): Promise<void> {
  const all = bytes(text);
  let at = 0;
  await until(() => (at += log.write(all, at)) === all.length, "all lines are written");
}

Deno.test("a new directory", async () => {
  await withLog(DEFAULT_SETTINGS, async (log, path) => {
    assertEquals(log.write(bytes("one\ntwo\n")), 8);
    assertEquals(log.size, 8);
    assertEquals(modeOf(path) & 0o777, 0o700);
    assertEquals(modeOf(`${path}/current`), MODE);
    assertEquals(await withinDeadline(log.close()), true);
    const mode = MODE.toString(8);
    assertEquals(describe(path), {
      current: { mode: (MODE | 0o100).toString(8), text: "one\ntwo\n" },
      lock: { mode, text: "" },
      state: { mode, text: "" },
    });
  });
});

Deno.test("a second logger is refused, and the first goes on", async () => {
  await withLog(DEFAULT_SETTINGS, (log, path) => {
    assertThrows(() => LogDirectory.open(path), Error, "another logger writes to this directory");
    assertEquals(log.write(bytes("one\n")), 4);
  });
});

Deno.test("current is not opened through a link", async () => {
  await using temporary = await temporaryDirectory();
  const { path } = temporary;
  await Deno.writeTextFile(`${path}/victim`, "before\n");
  await Deno.chmod(`${path}/victim`, 0o700);
  await Deno.mkdir(`${path}/log`);
  await Deno.symlink("../victim", `${path}/log/current`);
  assertThrows(() => LogDirectory.open(`${path}/log`), Error, "open current for writing");
  assertEquals(await Deno.readTextFile(`${path}/victim`), "before\n");
});

Deno.test("a file is rotated after the line that makes it large", async () => {
  await withLog(SMALL, async (log, path) => {
    await writeAll(log, lines(0, 100));
    await until(() => !log.archiving && archivesIn(path).length === 2, "two archives");
    assertEquals(archivesIn(path).map((name) => Deno.statSync(`${path}/${name}`).size), [
      4000,
      4000,
    ]);
    assertEquals(loggedIn(path), lines(0, 100));
    for (const name of archivesIn(path)) {
      assertEquals(modeOf(`${path}/${name}`), MODE | 0o100);
      assert(name.endsWith(".s"));
    }
  });
});

Deno.test("the oldest archives are removed", async () => {
  await withLog({ ...SMALL, archives: 3 }, async (log, path) => {
    await writeAll(log, lines(0, 410));
    await until(() => !log.archiving, "the end of the rotation");
    assertEquals(loggedIn(path), lines(280, 410));
  });
});

Deno.test("a line that is not whole yet is not cut by a rotation", async () => {
  await withLog(SMALL, async (log, path) => {
    await writeAll(log, "x".repeat(5000));
    assertEquals(archivesIn(path), []);
    await writeAll(log, "y\n");
    await until(() => archivesIn(path).length === 1, "an archive");
    assertEquals(loggedIn(path), "x".repeat(5000) + "y\n");
  });
});

Deno.test("rotate: at once, and an empty file becomes no archive", async () => {
  await withLog(SMALL, async (log, path) => {
    log.write(bytes("one\n"));
    log.rotate();
    await until(() => !log.archiving, "the end of the rotation");
    log.rotate();
    await until(() => !log.archiving, "the end of the second rotation");
    assertEquals(archivesIn(path).length, 1);
    assertEquals(loggedIn(path), "one\n");
  });
});

Deno.test("a period: rotated by time", async () => {
  await withLog({ ...SMALL, period: 1 }, async (log, path) => {
    log.write(bytes("one\n"));
    await until(() => archivesIn(path).length === 1, "an archive");
    await writeAll(log, "two\n");
    await until(() => archivesIn(path).length === 2, "a second archive");
    assertEquals(loggedIn(path), "one\ntwo\n");
  });
});

Deno.test("a processor: its output is archived, its state goes on to the next", async () => {
  const script = `echo "state: $(cat <&4)"; cat; echo "$(cat <&4)x$(wc -c <previous)" >&5`;
  const processor = { interpreter: "sh", script } as const;
  await withLog({ ...SMALL, processor }, async (log, path) => {
    for (const text of ["one\n", "two\n"]) {
      log.write(bytes(text));
      log.rotate();
      await until(() => !log.archiving, "the end of the rotation");
    }
    assertEquals(
      archivesIn(path).map((name) => Deno.readTextFileSync(`${path}/${name}`)),
      ["state: \none\n", "state: x4\ntwo\n"],
    );
    assertEquals(Deno.readTextFileSync(`${path}/state`), "x4\n");
    assertEquals(modeOf(`${path}/${archivesIn(path)[0]}`), MODE | 0o100);
    assertEquals(
      [...Deno.readDirSync(path)].map(({ name }) => name).filter((name) => !name.startsWith("@"))
        .sort(),
      ["current", "lock", "state"],
    );
  });
});

Deno.test("lines go on while a processor runs, and wait where the next file is full", async () => {
  let writable = 0;
  const script = "while [ -e stay ]; do sleep 0.02; done; cat";
  const processor = { interpreter: "sh", script } as const;
  await withLog({ ...SMALL, processor }, async (log, path) => {
    Deno.writeTextFileSync(`${path}/stay`, "");
    const all = bytes(lines(0, 100));
    const first = log.write(all);
    assertEquals(first, 8000, "two files, the first of which is processed");
    assertEquals(log.write(all, first), 0);
    assertEquals(loggedIn(path), lines(0, 80));
    Deno.removeSync(`${path}/stay`);
    await until(() => writable > 0, "the news that lines may be written");
    assertEquals(log.write(all, first), 2000);
    await until(() => !log.archiving && archivesIn(path).length === 2, "two archives");
    assertEquals(loggedIn(path), lines(0, 100));
  }, { onWritable: () => writable++ });
});

Deno.test("a processor that fails is run again, and told of once", async () => {
  const script = `cat; echo >>count; [ "$(wc -l <count)" -ge 4 ]`;
  const processor = { interpreter: "sh", script } as const;
  await withLog({ ...SMALL, processor, cooldown: 5 }, async (log, path, reports) => {
    log.write(bytes("one\n"));
    log.rotate();
    await until(() => archivesIn(path).length === 1, "an archive");
    assertEquals(loggedIn(path), "one\n");
    assertEquals(reports, [`the processor failed with exit code 1, in ${path}`]);
  });
});

Deno.test("closed while a processor fails: the next logger finds all", async () => {
  const processor = { interpreter: "sh", script: "exit 1" } as const;
  await withLog({ ...SMALL, processor, cooldown: 100_000 }, async (log, path, reports) => {
    log.write(bytes("one\n"));
    log.rotate();
    log.write(bytes("two\n"));
    await until(() => reports.length > 0, "the failure");
    assertEquals(await withinDeadline(log.close()), false);
    const next = LogDirectory.open(path);
    next.write(bytes("three\n"));
    assertEquals(loggedIn(path), "one\ntwo\nthree\n");
    assertEquals(archivesIn(path).map((name) => name.at(-1)), ["u", "u"]);
    assertEquals(await withinDeadline(next.close()), true);
  });
});

Deno.test("what a killed logger has left becomes archives", async () => {
  const left: [name: string, files: Record<string, string>, logged: string, endings: string][] = [
    ["nothing", {}, "", ""],
    ["lines", { current: "1\n" }, "1\n", "u"],
    ["whole", { "current+": "1\n" }, "1\n", ""],
    ["renamed", { previous: "1\n" }, "1\n", "u"],
    ["new file", { previous: "1\n", current: "" }, "1\n", "u"],
    ["marked", { "previous+": "1\n", current: "2\n" }, "1\n2\n", "uu"],
    ["processing", { "previous+": "1\n", processed: "p", newstate: "n", current: "" }, "1\n", "u"],
    [
      "processed",
      { "previous+": "1\n", "processed+": "p\n", newstate: "n", current: "" },
      "p\n",
      "s",
    ],
    ["removed", { "processed+": "p\n", state: "n", current: "2\n" }, "p\n2\n", "su"],
  ];
  for (const [name, files, logged, endings] of left) {
    await using temporary = await temporaryDirectory();
    const { path } = temporary;
    for (const [file, text] of Object.entries(files)) {
      const at = `${path}/${file.replace("+", "")}`;
      Deno.writeTextFileSync(at, text);
      if (file.endsWith("+")) Deno.chmodSync(at, 0o744);
    }
    let now = 1_700_000_000_000_000_000n;
    const log = LogDirectory.open(path, DEFAULT_SETTINGS, { now: () => ++now });
    assertEquals(loggedIn(path), logged, name);
    assertEquals(archivesIn(path).map((archive) => archive.at(-1)).join(""), endings, name);
    const others = [...Deno.readDirSync(path)].map((entry) => entry.name)
      .filter((entry) => !entry.startsWith("@")).sort();
    assertEquals(
      others,
      name === "whole" ? ["current", "lock"] : ["current", "lock", "state"],
      name,
    );
    if (name !== "whole") assertEquals(Deno.readTextFileSync(`${path}/state`), "", name);
    await withinDeadline(log.close());
  }
});

Deno.test("archives of one instant get names of their own", async () => {
  await using temporary = await temporaryDirectory();
  const { path } = temporary;
  Deno.writeTextFileSync(`${path}/previous`, "1\n");
  Deno.writeTextFileSync(`${path}/current`, "2\n");
  const log = LogDirectory.open(path, DEFAULT_SETTINGS, { now: () => 1_700_000_000_000_000_000n });
  assertEquals(loggedIn(path), "1\n2\n");
  await withinDeadline(log.close());
});

Deno.test("an archive that has its second name already gets no third", async () => {
  await using temporary = await temporaryDirectory();
  const { path } = temporary;
  Deno.writeTextFileSync(`${path}/previous`, "1\n");
  Deno.linkSync(`${path}/previous`, `${path}/@400000006553f12500000005.s`);
  const log = LogDirectory.open(path);
  assertEquals(loggedIn(path), "1\n");
  await withinDeadline(log.close());
});

const probe = "at=$(mktemp -d) && mount -t tmpfs none $at && umount $at; rmdir $at";
const tmpfs = missingRoot("to mount a small tmpfs") ?? await refused("sh", "-ec", probe);

testNeeding([tmpfs], "a full disk: nothing is lost", async () => {
  await using temporary = await temporaryDirectory();
  const disk = `${temporary.path}/disk`;
  await Deno.mkdir(disk);
  assertEquals((await run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk])).code, 0);
  try {
    const reports: string[] = [];
    let writable = 0;
    const log = LogDirectory.open(`${disk}/log`, { ...DEFAULT_SETTINGS, cooldown: 5 }, {
      report: (message) => reports.push(message),
      onWritable: () => writable++,
    });
    await Deno.writeTextFile(`${disk}/ballast`, "x".repeat(40_000));
    const all = bytes(lines(0, 400));
    let at = log.write(all);
    assert(at > 0 && at < all.length, `${at} bytes`);
    for (const tries of [1, 2]) {
      await until(() => writable === tries, "the news that lines may be written");
      assertEquals(log.write(all, at), 0);
    }
    assertEquals(reports.length, 1, reports.join("\n"));
    assert(/write to .*current: no space left/i.test(reports[0]!), reports[0]);
    assert(log.obstacle !== undefined);
    await Deno.remove(`${disk}/ballast`);
    await until(() => (at += log.write(all, at)) === all.length, "all lines are written");
    assertEquals(log.obstacle, undefined);
    assertEquals(await withinDeadline(log.close()), true);
    assertEquals(loggedIn(`${disk}/log`), lines(0, 400));
  } finally {
    await run(["umount", "-l", disk]);
  }
});

testNeeding([missingPrograms("s6-log")], "s6-log goes on, and so does sv after it", async () => {
  await using temporary = await temporaryDirectory();
  const path = `${temporary.path}/log`;
  const script = ["s4096", "l96", path];
  const byS6 = (from: number, to: number) =>
    run(["s6-log", "-b", ...script], { stdin: lines(from, to) });
  const bySv = async (from: number, to: number, clean = true) => {
    const log = LogDirectory.open(path, SMALL);
    await writeAll(log, lines(from, to));
    await until(() => !log.archiving, "the end of the rotation");
    if (clean) assertEquals(await withinDeadline(log.close()), true);
    else {
      await withinDeadline(log.close());
      Deno.chmodSync(`${path}/current`, 0o644);
    }
  };
  assertEquals((await byS6(0, 30)).code, 0);
  await bySv(30, 70);
  assertEquals((await byS6(70, 75)).code, 0);
  await bySv(75, 90, false);
  assertEquals((await byS6(90, 100)).code, 0);
  assertEquals(loggedIn(path), lines(0, 100));
});
