import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const repository = fromFileUrl(new URL("../../../", import.meta.url));

/** Runs a daemon of one line, with a pipe as descriptor 3, or without. */
async function daemon(line: string, redirection: string) {
  const program = `import { notifyReady } from "./lib/readiness/newline/notify_ready.ts";\n` +
    `try { ${line} } catch (error) { console.log(error.name, error.message); }`;
  return await run(
    [
      "sh",
      "-c",
      `{ ./scripts/deno eval '${program}' ${redirection} | sed 's/^/out: /'; } 3>&1 | cat`,
    ],
    { cwd: repository },
  );
}

Deno.test("notifyReady writes a newline and closes the descriptor", async () => {
  const { stdout } = await daemon(
    'notifyReady(3); let open = true; try { Deno.statSync("/proc/self/fd/3"); } catch { open = false; }' +
      "console.log(open);",
    "",
  );
  assertEquals(stdout.split("\n").toSorted(), ["", "", "out: false"]);
});

Deno.test("a descriptor that was not passed is refused, even if Deno has opened one of its number", async () => {
  for (const fd of [3, 4, 5, 6, 500]) {
    const { stdout } = await daemon(`notifyReady(${fd});`, `${fd > 9 ? "" : `${fd}>&-`}`);
    assertMatch(
      stdout,
      new RegExp(
        `^out: NotificationFdError Cannot use descriptor ${fd} for notification: it is not`,
      ),
    );
  }
});

Deno.test("without a descriptor notifyReady returns false", async () => {
  const { stdout } = await daemon("console.log(notifyReady(undefined));", "");
  assertEquals(stdout, "out: false\n");
});

Deno.test("without a supervisor notifyReady returns false", async () => {
  await using directory = await temporaryDirectory();
  const fifo = `${directory.path}/fifo`;
  // A FIFO whose only reader has closed it.
  const { stdout } = await run(
    [
      "sh",
      "-c",
      `mkfifo ${fifo} && exec 8<>${fifo} 3>${fifo} 8<&- && exec ./scripts/deno eval '` +
      `import { notifyReady } from "./lib/readiness/newline/notify_ready.ts"; console.log(notifyReady(3))'`,
    ],
    { cwd: repository },
  );
  assertEquals(stdout, "false\n");
});
