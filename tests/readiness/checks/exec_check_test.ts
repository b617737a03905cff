/** A program that checks whether a daemon is ready. */
import { assertEquals, assertRejects } from "@std/assert";
import { PidfdDeaths } from "../../../lib/os/spawn/deaths.ts";
import { pipe } from "../../../lib/os/descriptor.ts";
import { close, tryRead } from "../../../lib/os/file.ts";
import { execCheck } from "../../../lib/readiness/checks/exec_check.ts";
import { openDescriptors } from "../../support/open_descriptors.ts";

Deno.test("the output of a check is looked up at each of its starts", async () => {
  const pipes = [pipe({ nonblockingRead: true }), pipe({ nonblockingRead: true })] as const;
  let at = 0;
  const check = execCheck({ file: "/bin/sh", argv: ["sh", "-c", "echo checked"] }, {
    deaths: new PidfdDeaths(),
    get stdout() {
      return pipes[at]!.write;
    },
  });
  const written = () =>
    pipes.map(({ read }) => {
      const buffer = new Uint8Array(64);
      return new TextDecoder().decode(buffer.subarray(0, Math.max(tryRead(read, buffer), 0)));
    });
  try {
    await check(new AbortController().signal);
    assertEquals(written(), ["checked\n", ""]);
    at = 1;
    await check(new AbortController().signal);
    assertEquals(written(), ["", "checked\n"]);
  } finally {
    pipes.forEach(({ read, write }) => [read, write].forEach(close));
  }
});

Deno.test("what a check prints goes on to where it would have gone, and its last lines are kept", async () => {
  const [out, err] = [pipe({ nonblockingRead: true }), pipe({ nonblockingRead: true })];
  const printed = { text: "before" };
  const check = (line: string) =>
    execCheck(
      { file: "/bin/sh", argv: ["sh", "-c", line] },
      { deaths: new PidfdDeaths(), stdout: out.write, stderr: err.write },
      printed,
    )(new AbortController().signal);
  const written = () =>
    [out, err].map(({ read }) => {
      const buffer = new Uint8Array(64);
      return new TextDecoder().decode(buffer.subarray(0, Math.max(tryRead(read, buffer), 0)));
    });
  try {
    await assertRejects(() => check("echo out; echo why >&2; exit 3"), Error, "/bin/sh exited 3");
    assertEquals(printed.text.split(" / ").sort(), ["out", "why"]);
    assertEquals(written(), ["out\n", "why\n"]);
    assertEquals(await check(":"), true);
    assertEquals(printed.text, "");
    // A logger that does not read: nothing waits for it.
    assertEquals(await check("head -c 300000 /dev/zero; echo end"), true);
    assertEquals(printed.text, "end");
    // A child keeps the output open.
    assertEquals(await check("sleep 1000 & echo $!"), true);
    Deno.kill(Number(printed.text), "SIGKILL");
  } finally {
    [out, err].forEach(({ read, write }) => [read, write].forEach(close));
  }
});

Deno.test("a check leaves no descriptor open, however many there are", async () => {
  const deaths = new PidfdDeaths();
  const checkOnce = () =>
    execCheck({ file: "/bin/sh", argv: ["sh", "-c", "test -c /proc/self/fd/0"] }, {
      deaths,
      stdin: "null",
      stdout: "null",
    }, { text: "" })(new AbortController().signal);
  await checkOnce();
  const before = openDescriptors();
  for (let count = 0; count < 10; count++) await checkOnce();
  assertEquals([...openDescriptors().values()].sort(), [...before.values()].sort());
});
