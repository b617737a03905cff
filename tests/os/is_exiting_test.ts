import { assertEquals } from "@std/assert";
import { isExiting } from "../../lib/os/is_exiting.ts";
import { until } from "../support/until.ts";

Deno.test("a process that lives is not exiting, with one thread or many", () => {
  assertEquals(isExiting(Deno.pid), false);
  const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
  try {
    assertEquals(isExiting(child.pid), false);
  } finally {
    child.kill("SIGKILL");
  }
  return child.status.then(() => {});
});

Deno.test("a process that has died counts as exiting until it is reaped, and is unknown then", async () => {
  // The child of the shell stays unreaped: the program that the shell becomes knows nothing of it.
  const parent = new Deno.Command("sh", {
    args: ["-c", "sh -c 'echo $$; exec 1>&-; exec sleep 1000' & exec sleep 1000"],
    stdout: "piped",
  }).spawn();
  const reader = parent.stdout.getReader();
  const { value } = await reader.read();
  const pid = Number(new TextDecoder().decode(value));
  await until(
    () => Deno.readTextFileSync(`/proc/${parent.pid}/comm`) === "sleep\n",
    "the shell to become another program",
  );
  assertEquals(isExiting(pid), false);
  Deno.kill(pid, "SIGKILL");
  await until(() => isExiting(pid), "its death");
  parent.kill("SIGKILL");
  await parent.status;
  await until(() => isExiting(pid) === undefined, "its end");
  await reader.cancel();
});
