import { assertEquals } from "@std/assert";
import { PidfdDeaths } from "../../../lib/os/spawn/deaths.ts";
import { PosixSpawner } from "../../../lib/os/spawn/posix_spawner.ts";
import { exited, signaled, type WaitStatus } from "../../../lib/os/wait_status.ts";
import { isAlive } from "../../support/processes.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";

/** Returns the number of a process that has died and is reaped. */
async function deadProcess(): Promise<number> {
  const child = new Deno.Command("true").spawn();
  await child.status;
  await until(() => !isAlive(child.pid), "the child to be reaped");
  return child.pid;
}

Deno.test("a process that is gone when the watch begins has died, which is told in a later turn", async () => {
  const { promise, resolve } = Promise.withResolvers<WaitStatus>();
  let told = false;
  using _watch = new PidfdDeaths().watch({ pid: await deadProcess(), foreign: true }, (status) => {
    told = true;
    resolve(status);
  });
  assertEquals(told, false);
  assertEquals(await within(promise, "the death"), exited(0));
});

Deno.test("a death is not told once the watch is disposed of", async () => {
  const deaths = new PidfdDeaths();
  let told = 0;
  deaths.watch({ pid: await deadProcess() }, () => told++)[Symbol.dispose]();
  const { promise, resolve } = Promise.withResolvers<WaitStatus>();
  const child = new PosixSpawner().spawn({ argv: ["sh", "-c", "exit 3"], file: "/bin/sh" });
  using _watch = deaths.watch(child, resolve);
  assertEquals(await within(promise, "the other death"), exited(3));
  assertEquals(told, 0);
});

Deno.test("how a process ended is told also where its parent has not reaped it", async () => {
  const script = "sleep 1000 & echo $!; exec sleep 1001";
  const parent = new Deno.Command("sh", { args: ["-c", script], stdin: "null", stdout: "piped" })
    .spawn();
  try {
    const reader = parent.stdout.getReader();
    const { value } = await within(reader.read(), "the process id");
    await reader.cancel();
    // The shell may reap a child before it becomes sleep(1), which never does.
    const name = () => Deno.readTextFile(`/proc/${parent.pid}/comm`);
    await until(async () => await name() === "sleep\n", "the shell to become sleep");
    const { promise, resolve } = Promise.withResolvers<WaitStatus>();
    const pid = Number(new TextDecoder().decode(value));
    using _watch = new PidfdDeaths().watch({ pid, foreign: true }, resolve);
    Deno.kill(pid, "SIGTERM");
    assertEquals(await within(promise, "the death"), signaled(15, false));
  } finally {
    parent.kill("SIGKILL");
    await parent.status;
  }
});
