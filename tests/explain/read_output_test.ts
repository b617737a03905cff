import { assertEquals } from "@std/assert";
import { formatTai64n } from "../../lib/tai/tai64n.ts";
import { readOutput } from "../../lib/explain/read_output.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";

/** Starts a shell that has a file open as descriptor `fd`, and waits until it has. */
async function holder(fd: number, file: string) {
  const child = new Deno.Command("sh", {
    args: ["-c", `exec ${fd}>>"$1"; echo; read line`, "sh", file],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  if (fd !== 1) await reader.read();
  else await until(() => Deno.readTextFileSync(file) !== "", "the shell to print to the file");
  return {
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await Promise.all([child.stdin.close().catch(() => {}), reader.cancel(), child.status]);
    },
  };
}

/** Returns the texts of the last lines. */
function texts(...args: Parameters<typeof readOutput>): string[] {
  return readOutput(...args).map(({ text }) => text);
}

/** Writes the files of a service directory, and returns its path. */
function service(at: string, files: Readonly<Record<string, string>>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = `${at}/foo/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, content);
  }
  return `${at}/foo`;
}

const STAMP = 1_700_000_000_000_000_000n;
const ARCHIVE = `${formatTai64n(STAMP)}.s`;

Deno.test("the output of a service is in the log directory of its logger, also when all is down", async () => {
  await using at = await temporaryDirectory();
  const dir = service(at.path, {
    "log/run": "#!/bin/sh\nexec s6-log t ./main\n",
    "log/main/current": `${formatTai64n(STAMP)} one\n${formatTai64n(STAMP + 1n)} two\nthree\n`,
  });
  assertEquals(readOutput(dir, undefined, 2), [
    { text: "two", time: STAMP + 1n },
    { text: "three", time: undefined },
  ]);
  Deno.writeTextFileSync(
    `${dir}/log/main/current`,
    `${"x".repeat(20_000)}\n${"y".repeat(600)}\nno end`,
  );
  assertEquals(texts(dir, undefined, 9), ["y".repeat(500), "no end"]);
});

Deno.test("or in the one that the scan's log process writes, and in its archives", async () => {
  await using at = await temporaryDirectory();
  const dir = service(at.path, {
    "data/sv/log": `n5 ${at.path}/logs\n`,
    "../logs/current": "three\n",
    [`../logs/${ARCHIVE}`]: "one\ntwo\n",
  });
  const compressed = Uint8Array.of(0x1f, 0x8b, 0x0a, 0x0a);
  Deno.writeFileSync(`${at.path}/logs/${formatTai64n(STAMP + 1n)}.s`, compressed);
  assertEquals(texts(dir, undefined, 2), ["two", "three"]);
  assertEquals(texts(dir, undefined, 9), ["one", "two", "three"]);
  Deno.truncateSync(`${at.path}/logs/current`);
  assertEquals(texts(dir, undefined, 1), ["two"]);
});

Deno.test("or in the file that its process prints to", async () => {
  await using at = await temporaryDirectory();
  const dir = service(at.path, { run: "" });
  Deno.writeTextFileSync(`${at.path}/printed`, "");
  await using process = await holder(1, `${at.path}/printed`);
  Deno.writeTextFileSync(`${at.path}/printed`, "hello\n", { append: true });
  assertEquals(texts(dir, process.pid, 5), ["", "hello"]);
});

Deno.test("a link that was put in its place is not read", async () => {
  await using at = await temporaryDirectory();
  const dir = service(at.path, {
    "data/sv/log": `${at.path}/logs\n`,
    "../logs/other": "",
    "../secret": "secret\n",
  });
  Deno.symlinkSync(`${at.path}/secret`, `${at.path}/logs/current`);
  assertEquals(texts(dir, undefined, 5), []);
  Deno.symlinkSync(`${at.path}/secret`, `${at.path}/logs/${ARCHIVE}`);
  assertEquals(texts(dir, undefined, 5), []);
});

Deno.test("devices, pipes and processes that have ended have no output", async () => {
  await using at = await temporaryDirectory();
  const dir = service(at.path, { run: "" });
  await using process = await holder(7, "/dev/null");
  assertEquals(texts(dir, process.pid, 5), []);
  assertEquals(texts(dir, 2 ** 22 + 1, 5), []);
});

Deno.test("a file that the supervisor prints to as well is not the output of one service", async () => {
  await using at = await temporaryDirectory();
  Deno.writeTextFileSync(`${at.path}/log`, "of all\n");
  const shell = new Deno.Command("sh", {
    args: [
      "-c",
      'exec >>"$1"; sh -c "echo \\$\\$ >pid; exec sleep 1000" & wait',
      "sh",
      `${at.path}/log`,
    ],
    cwd: at.path,
  }).spawn();
  const pid = await until(
    () =>
      Deno.readTextFile(`${at.path}/pid`).then(
        (text) => Number(text) || undefined,
        () => undefined,
      ),
    "the service to start",
  );
  try {
    assertEquals(texts(at.path, pid, 5), []);
  } finally {
    Deno.kill(pid, "SIGKILL");
    await shell.status;
  }
});
