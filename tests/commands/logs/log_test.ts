import { assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { CWD, Descriptor, Open, open } from "../../../lib/os/file.ts";
import { lockingProcess } from "../../../lib/os/lock.ts";
import { loggedIn } from "../../log/directory/log_files.ts";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";

const log = svCommand("log");
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("sv log: alerts, standard output, a log directory; a line without its end", async () => {
  await using place = await temporaryDirectory();
  const { code, stdout, stderr } = await run([...log, "pweb:", "1", "E3", "2", "p", "t", "./d"], {
    cwd: place.path,
    stdin: "one\na long line",
  });
  assertEquals([code, stdout], [0, "web: one\nweb: a long line\n"]);
  assertEquals(stderr, "sv log: alert: web: one\nsv log: alert: web: a l...\n");
  assertMatch(
    loggedIn(`${place.path}/d`),
    /^@[0-9a-f]{24} one\n@[0-9a-f]{24} a long line\n$/,
  );
});

Deno.test("sv log: warnings, and -q", async () => {
  const warned = await run([...log, "1", "n5"], { stdin: "" });
  assertEquals(warned.stderr, "sv log: warning: no action follows 'n5': ignored\n");
  assertEquals((await run([...log, "-q", "1", "n5"], { stdin: "" })).stderr, "");
});

Deno.test("sv log: -d tells when it is ready", async () => {
  await using place = await temporaryDirectory();
  const shell = 'exec 4>ready; "$@"; cat ready';
  const { code, stdout, stderr } = await run(
    ["sh", "-c", shell, "sh", ...log, "-d", "4", "./d"],
    { cwd: place.path, stdin: "one\n" },
  );
  assertEquals([code, stdout, stderr], [0, "\n", ""]);
});

Deno.test("sv log: a reader of standard output that is gone ends nothing", async () => {
  await using place = await temporaryDirectory();
  const shell =
    '{ seq 5000; while [ ! -e gone ]; do sleep 0.02; done; seq 5000; } | "$@" 1 ./d | ' +
    "{ head -n 1; exec >&-; exec <&-; : >gone; }; " +
    "while ! [ -x d/current ]; do sleep 0.02; done; wc -l <d/current";
  const { stdout, stderr } = await run(["sh", "-c", shell, "sh", ...log], { cwd: place.path });
  assertEquals(stdout, "1\n10000\n");
  assertMatch(
    stderr,
    /^(head: .*\n)?sv log: warning: cannot write to standard output: Broken pipe; lines for it are lost from now on\n$/,
  );
});

Deno.test("sv log: -p outlives SIGTERM, and ends at SIGHUP", async () => {
  await using place = await temporaryDirectory();
  const directory = `${place.path}/d`;
  const [program, ...args] = [...log, "-p", directory];
  const child = new Deno.Command(program!, { args, stdin: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  try {
    await writer.write(bytes("one\n"));
    await until(() => loggedIn(directory) === "one\n", "the line");
    child.kill("SIGTERM");
    await writer.write(bytes("two\n"));
    await until(() => loggedIn(directory) === "one\ntwo\n", "the second line");
    child.kill("SIGHUP");
    assertEquals((await within(child.status, "the logger's end")).code, 0);
  } finally {
    await writer.close().catch(() => {});
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await child.status;
  }
  assertEquals(loggedIn(directory), "one\ntwo\n");
});

Deno.test("sv log: the lock is its process's, so that nothing that it starts keeps the next logger out", async () => {
  await using place = await temporaryDirectory();
  const [program, ...args] = [...log, "./d"];
  const logger = new Deno.Command(program!, { args, cwd: place.path, stdin: "piped" }).spawn();
  try {
    await until(
      () => holder(`${place.path}/d/lock`) === logger.pid,
      "the lock of the logger's process",
    );
  } finally {
    await logger.stdin.close();
    await within(logger.status, "the end of the logger");
  }
});

/** Returns the process that has locked a file. */
function holder(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  using file = new Descriptor(open(CWD, path, Open.READ));
  return lockingProcess(file.fd, path);
}
