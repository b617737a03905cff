/** `sv logs`: which lines, in which order, in which form. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { sv, svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { ScanDirectory } from "../../support/scan_directory.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";
import { gzipped, stamped, writeLog } from "./log_files.ts";

/** A zone that needs no data of the system. */
const ENV = { TZ: "CET-1CEST,M3.5.0,M10.5.0/3" };

/** Runs `sv logs` to its end. */
async function logs(cwd: string, ...args: string[]) {
  return await run([...svCommand("logs"), ...args], { cwd, env: { ...ENV, SVDIR: cwd } });
}

/** Returns the lines of two logs whose lines come by turns, in an archive, a compressed one and `current`. */
async function twoLogs(place: string): Promise<void> {
  const web = Array.from({ length: 30 }, (_, index) => stamped(index, `web ${index}`));
  writeLog(`${place}/web-log`, web.slice(20).join(""), {
    9.5: web.slice(0, 10).join(""),
    19.5: await gzipped(web.slice(10, 20).join("")),
  });
  const db = Array.from({ length: 30 }, (_, index) => stamped(index + 0.5, `db ${index}`));
  writeLog(`${place}/db-log`, db.slice(15).join(""), { 15: db.slice(0, 15).join("") });
}

/** The lines of both, in their order. */
const BOTH = Array.from({ length: 60 }, (_, index) => `${index % 2 ? "db" : "web"} ${index >> 1}`);

/** Returns lines without what stands before them. */
const texts = (stdout: string) =>
  stdout.split("\n").slice(0, -1).map((line) => line.replace(/^.*? \| /, ""));

Deno.test("the lines of several logs come in the order of their times, archives included", async () => {
  await using at = await temporaryDirectory();
  await twoLogs(at.path);
  const all = await logs(at.path, "./web-log", "./db-log/");
  assertEquals([all.code, all.stderr], [0, ""]);
  assertEquals(texts(all.stdout), BOTH);
  assertEquals(
    all.stdout.split("\n").slice(0, 2),
    [
      "2026-11-21 21:00:00.000 ./web-log | web 0",
      "2026-11-21 21:00:00.500 ./db-log  | db 0",
    ],
  );
});

Deno.test("-n, --since and --until choose lines of all logs together", async () => {
  await using at = await temporaryDirectory();
  await twoLogs(at.path);
  const chosen = async (...args: string[]) =>
    texts((await logs(at.path, ...args, "./web-log", "./db-log")).stdout);
  assertEquals(await chosen("-n", "0"), []);
  assertEquals(await chosen("-n", "3"), BOTH.slice(-3));
  assertEquals(await chosen("-n", "45"), BOTH.slice(-45));
  assertEquals(await chosen("-n", "1000"), BOTH);
  const [from, to] = ["2026-11-21 21:00:12", "2026-11-21 20:00:21 Z"];
  assertEquals(await chosen("--since", from), BOTH.slice(24));
  assertEquals(await chosen("--until", to), BOTH.slice(0, 43));
  assertEquals(await chosen("--since", from, "--until", to), BOTH.slice(24, 43));
  assertEquals(await chosen("--since", from, "--until", to, "-n", "5"), BOTH.slice(38, 43));
  assertEquals(await chosen("--since", "2026-11-22"), []);
});

Deno.test("lines have the form that is asked for", async () => {
  await using at = await temporaryDirectory();
  writeLog(`${at.path}/log`, stamped(1.25, "one\t\x1b[31mred\xe9") + "no stamp\n");
  const form = async (...args: string[]) => (await logs(at.path, ...args, "./log")).stdout;
  assertEquals(
    await form(),
    "2026-11-21 21:00:01.250 one\t\x1b[31mred\xe9\n2026-11-21 21:00:01.250 no stamp\n",
  );
  assertMatch(await form("--utc"), /^2026-11-21 20:00:01\.250Z one/);
  assertEquals(await form("--raw"), Deno.readTextFileSync(`${at.path}/log/current`));
  assertEquals(JSON.parse((await form("--json")).split("\n")[0]!), {
    version: 1,
    time: "2026-11-21T20:00:01.250000000Z",
    service: "./log",
    line: "one\t\x1b[31mred\xe9",
  });
});

Deno.test("lines without any stamp have no time; a file is read as a log", async () => {
  await using at = await temporaryDirectory();
  Deno.writeTextFileSync(`${at.path}/file`, "one\ntwo\n");
  assertEquals(
    (await logs(at.path, "--json", "./file")).stdout.split("\n")[1],
    '{"version":1,' +
      '"time":null,"service":"./file","line":"two"}',
  );
  assertEquals(
    (await logs(at.path, "./file")).stdout,
    `${" ".repeat(24)}one\n${" ".repeat(24)}two\n`,
  );
});

Deno.test("archives that can't be unpacked are named, with what unpacks them", async () => {
  await using at = await temporaryDirectory();
  writeLog(`${at.path}/log`, stamped(9, "last"), {
    1: new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1]),
    2: (await gzipped("damaged")).subarray(0, 15),
    3: stamped(2.5, "first"),
  });
  const { code, stdout, stderr } = await logs(at.path, "--raw", "./log");
  assertEquals([code, stdout], [0, stamped(2.5, "first") + stamped(9, "last")]);
  assertMatch(stderr, /\.s is left out: it is compressed; see it with `xz -dc /);
  assertMatch(stderr, /\.s is left out: its compressed data is damaged; see what `gzip -dc /);
});

const sleeps = "#!/bin/sh\nexec sleep 1000\n";

Deno.test("a service's log is found by its logger's run script, by convention, or by its own order", async () => {
  await using at = await temporaryDirectory();
  const { path } = at;
  const service = (name: string, files: Record<string, string>) => {
    for (const [file, text] of Object.entries({ run: sleeps, ...files })) {
      Deno.mkdirSync(`${path}/${name}/${file}`.replace(/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${path}/${name}/${file}`, text);
    }
  };
  service("script", {
    "log/run": `#!/bin/sh\nexec s6-setuidgid log s6-log -b n20 t '${path}/one'\n`,
  });
  service("main", { "log/run": "#!/bin/sh\nexec svlogd -tt main\n" });
  service("convention", { "log/run": '#!/bin/sh\nexec logger "$dir"\n' });
  service("order", { "data/sv/log": `n20 t\n${path}/order-log\n` });
  service("none", {});
  writeLog(`${path}/one`, stamped(1, "of script"));
  writeLog(`${path}/main/log/main`, "2026-11-21_20:00:02.00000 of main\n");
  writeLog(`${path}/convention/log/main`, stamped(3, "of convention"));
  writeLog(`${path}/order-log`, stamped(4, "of order"));
  const all = await logs(path);
  assertEquals([all.code, all.stderr], [0, ""]);
  assertEquals(texts(all.stdout), ["of script", "of main", "of convention", "of order"]);
  assertEquals(texts((await logs(path, "?[a-n]*", "none*")).stdout), ["of script", "of main"]);
  const missing = await logs(path, "none");
  assertEquals(missing.code, 1);
  assertMatch(missing.stderr, /^sv logs: warning: none: cannot find its log: /);
  const nowhere = await logs(path, "nowhere");
  assertEquals(
    [nowhere.code, nowhere.stderr],
    [1, `sv logs: fatal: there is no service, log directory or file ${path}/nowhere\n`],
  );
});

/** Starts `sv logs -f`; its lines so far. */
function follow(cwd: string, ...args: string[]) {
  const [program, ...rest] = [...sv, "logs", "-f", ...args];
  const env = { ...ENV, SVDIR: cwd };
  const child = new Deno.Command(program!, { args: rest, cwd, env, stdin: "null", stdout: "piped" })
    .spawn();
  let text = "";
  const read = (async () => {
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) text += chunk;
  })();
  return {
    child,
    lines: () => texts(text),
    async says(line: string) {
      await until(() => texts(text).includes(line), `the line '${line}'`).catch((error) => {
        throw new Error(`${error.message}; it has written:\n${text}`);
      });
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await Promise.all([child.status, read]);
    },
  };
}

Deno.test("the logs of services without a logger are where the scan's log process writes them", async () => {
  await using at = await temporaryDirectory();
  await using directory = await ScanDirectory.make(
    Object.fromEntries(["web", "db"].map((name) => [
      name,
      { run: `#!/bin/sh\necho ${name} began\nexec sleep 100000\n` },
    ])),
  );
  await using _scan = await Scan.start(directory.path, { options: ["--log", at.path] });
  for (const name of ["web", "db"]) {
    const line = new RegExp(`^[-0-9]{10} [0-9:.]{12} ${name} began\\n$`);
    const isFound = async () => line.test((await logs(directory.path, name)).stdout);
    await until(isFound, `the line of ${name}`);
    const { stdout } = await run([...svCommand("status"), name], {
      env: { SVDIR: directory.path },
    });
    assertMatch(stdout, new RegExp(`\\| .* ago: ${name} began\\n`));
  }
});

testNeeding(
  [missingPrograms("s6-log")],
  "-f goes on with what services write, also those that come later",
  async () => {
    await using directory = await ScanDirectory.make({});
    const { path } = directory;
    const logged = async (name: string) => {
      await directory.add(name, {
        run:
          `#!/bin/sh\ni=0\nwhile read line; do echo ${name} $line; done <${path}/../${name}.in\n`,
        "log/run": "#!/bin/sh\nexec s6-log -b n1000 s4096 t ./lines\n",
      });
      Deno.chmodSync(`${path}/${name}/log/run`, 0o755);
      await run(["mkfifo", `${path}/../${name}.in`]);
    };
    await logged("one@a");
    await using scan = await Scan.start(path);
    await using one = await Deno.open(`${path}/../one@a.in`, { write: true, read: true });
    const write = async (file: Deno.FsFile, from: number, to: number) => {
      let text = "";
      for (let number = from; number < to; number++) text += `${number}\n`;
      await file.write(new TextEncoder().encode(text));
    };
    await write(one, 0, 3);
    await using followed = follow(path, "one@*");
    await followed.says("one@a 2");
    await write(one, 3, 1000);
    await followed.says("one@a 999");
    await logged("one@b");
    await scan.send("a");
    await using two = await Deno.open(`${path}/../one@b.in`, { write: true, read: true });
    await write(two, 0, 3);
    await followed.says("one@b 2");
    await write(two, 3, 500);
    await write(one, 1000, 2000);
    await followed.says("one@a 1999");
    await followed.says("one@b 499");
    const of = (name: string, count: number) =>
      assertEquals(
        followed.lines().filter((line) => line.startsWith(name)),
        Array.from({ length: count }, (_, number) => `${name} ${number}`),
      );
    of("one@a", 2000);
    of("one@b", 500);
  },
);

Deno.test("-f ends when its reader is gone, though nothing is written", async () => {
  await using at = await temporaryDirectory();
  writeLog(`${at.path}/log`, stamped(1, "one"));
  await using followed = follow(at.path, "./log");
  const { code, stdout } = await run(
    [
      "sh",
      "-c",
      `${[...svCommand("logs")].map((word) => `'${word}'`).join(" ")} -f ./log | head -n 1`,
    ],
    { cwd: at.path },
  );
  assertEquals([code, stdout.endsWith(" one\n")], [0, true]);
  // The other one, whose reader is there, goes on.
  Deno.writeTextFileSync(`${at.path}/log/current`, stamped(2, "two"), { append: true });
  await until(() => followed.lines().length === 2, "the second line");
});

/** Returns how often a process has gone to sleep, and been woken, as the kernel counts. */
function switches(pid: number): number {
  let sum = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    try {
      const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
      sum += Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1] ?? 0);
    } catch {
      // The thread has ended.
    }
  }
  return sum;
}

Deno.test("-f does nothing while nothing is written", async () => {
  await using at = await temporaryDirectory();
  writeLog(`${at.path}/log`, stamped(1, "one"));
  await using followed = follow(at.path, "./log");
  await until(() => followed.lines().length === 1, "the first line");
  const { pid } = followed.child;
  // What the runtime does after its start comes to an end.
  const quiet = async () => {
    const before = switches(pid);
    await new Promise((wake) => setTimeout(wake, 1000));
    return switches(pid) === before;
  };
  await until(quiet, "a second without a wake-up");
});

Deno.test("the last lines of a gigabyte come without reading all of it", async () => {
  await using at = await temporaryDirectory();
  const path = `${at.path}/log`;
  writeLog(path, "", {});
  using file = Deno.openSync(`${path}/current`, { write: true });
  // A hole: whoever reads it all takes seconds, and a gigabyte of memory.
  file.seekSync(2 ** 30, Deno.SeekMode.Start);
  file.writeSync(new TextEncoder().encode(`\n${stamped(1, "one")}${stamped(2, "two")}`));
  const ended = logs(at.path, "-n", "2", "./log");
  const { stdout } = await within(ended, "the last lines");
  assertEquals(texts(stdout).map((line) => line.slice(24)), ["one", "two"]);
  assert(stdout.length < 100);
});
