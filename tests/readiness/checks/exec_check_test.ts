/** A program that checks whether a daemon is ready. */
import { assertEquals } from "@std/assert";
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

Deno.test("a check leaves no descriptor open, however many there are", async () => {
  const deaths = new PidfdDeaths();
  const checkOnce = () =>
    execCheck({ file: "/bin/sh", argv: ["sh", "-c", "test -c /proc/self/fd/0"] }, {
      deaths,
      stdin: "null",
      stdout: "null",
    })(new AbortController().signal);
  await checkOnce();
  const before = openDescriptors();
  for (let count = 0; count < 10; count++) await checkOnce();
  assertEquals([...openDescriptors().values()].sort(), [...before.values()].sort());
});
