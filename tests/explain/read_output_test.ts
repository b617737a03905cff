import { assertEquals } from "@std/assert";
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

Deno.test("the output of a service is in the file that its logger has open as current", async () => {
  await using at = await temporaryDirectory();
  const current = `${at.path}/current`;
  Deno.writeTextFileSync(current, "one\ntwo\nthree\n");
  await using logger = await holder(7, current);
  assertEquals(readOutput(undefined, logger.pid, 2), ["two", "three"]);
  Deno.writeTextFileSync(current, `${"x".repeat(5000)}\n${"y".repeat(600)}\nno end`, {
    append: true,
  });
  assertEquals(readOutput(undefined, logger.pid, 9), ["y".repeat(500), "no end"]);
});

Deno.test("or in the file that its process prints to", async () => {
  await using at = await temporaryDirectory();
  Deno.writeTextFileSync(`${at.path}/log`, "");
  await using service = await holder(1, `${at.path}/log`);
  Deno.writeTextFileSync(`${at.path}/log`, "hello\n", { append: true });
  assertEquals(readOutput(service.pid, undefined, 5), ["", "hello"]);
});

Deno.test("a file that was put in its place is not read", async () => {
  await using at = await temporaryDirectory();
  const current = `${at.path}/current`;
  Deno.writeTextFileSync(current, "mine\n");
  await using logger = await holder(7, current);
  Deno.writeTextFileSync(`${at.path}/secret`, "secret\n");
  Deno.removeSync(current);
  Deno.symlinkSync(`${at.path}/secret`, current);
  assertEquals(readOutput(undefined, logger.pid, 5), []);
});

Deno.test("devices, pipes and processes that have ended have no output", async () => {
  await using service = await holder(7, "/dev/null");
  assertEquals(readOutput(service.pid, service.pid, 5), []);
  assertEquals(readOutput(2 ** 22 + 1, undefined, 5), []);
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
    assertEquals(readOutput(pid, undefined, 5), []);
  } finally {
    Deno.kill(pid, "SIGKILL");
    await shell.status;
  }
});
