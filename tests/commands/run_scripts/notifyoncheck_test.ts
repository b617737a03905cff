import { assertEquals, assertMatch } from "@std/assert";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { service, type ServiceFiles } from "../../support/service.ts";
import { Supervisor, supervisors } from "../../support/supervisor.ts";

const SLEEPER: ServiceFiles = { run: "#!/bin/sh\nexec sleep 1000\n" };

/** Runs `sv notifyoncheck` with a pipe as descriptor 3, or without. */
async function notifyoncheck(directory: string, line: string, redirection = "3>&1") {
  const { code, stderr } = await run(
    ["sh", "-c", `{ ${sv.join(" ")} notifyoncheck ${line} ${redirection}; echo $? >code; } | cat`],
    { cwd: directory },
  );
  assertEquals(code, 0);
  const exitCode = Number(await Deno.readTextFile(`${directory}/code`));
  return { exitCode, stderr };
}

async function supervised(files: Record<string, string>, supervisor = supervisors.s6) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await service({ ...SLEEPER, files }));
  stack.use(await Supervisor.start(supervisor, directory.path));
  const kept = stack.move();
  return { path: directory.path, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

Deno.test("outside of a service directory, the directory that was looked in is named", async () => {
  await using directory = await service({});
  const { exitCode, stderr } = await notifyoncheck(directory.path, "true");
  assertEquals(exitCode, 111);
  assertMatch(stderr, new RegExp(`there is no file notification-fd in ${directory.path}; `));
});

for (const [name, supervisor] of Object.entries(supervisors)) {
  Deno.test(`under ${name}, no notification-fd: the error says what to write`, async () => {
    await using directory = await supervised({}, supervisor);
    const { exitCode, stderr } = await notifyoncheck(directory.path, "true");
    assertEquals(exitCode, 111);
    assertMatch(stderr, /no file notification-fd in .*echo 3 > notification-fd/);
  });

  for (const content of ["", "three\n", "-1\n", "0\n", "3x\n", "99999999999\n"]) {
    const shown = JSON.stringify(content);
    Deno.test(`under ${name}, notification-fd with ${shown} in it is an error`, async () => {
      await using directory = await supervised({ "notification-fd": content }, supervisor);
      const { exitCode, stderr } = await notifyoncheck(directory.path, "true");
      assertEquals(exitCode, 100);
      assertMatch(stderr, /Cannot use .*\/notification-fd: ".*" is no descriptor; write a number/i);
    });
  }

  for (const fd of [3, 4, 5, 6, 7, 8, 9]) {
    Deno.test(`under ${name}, descriptor ${fd} is not taken for one that was passed`, async () => {
      await using directory = await supervised({ "notification-fd": `${fd}\n` }, supervisor);
      const { exitCode, stderr } = await notifyoncheck(directory.path, "true", `${fd}>&-`);
      assertEquals(exitCode, 111);
      assertMatch(
        stderr,
        new RegExp(`Cannot use descriptor ${fd} for notification: it is not open`, "i"),
      );
    });
  }
}

Deno.test("no supervisor: the error says so, and names the directory", async () => {
  await using directory = await service({ ...SLEEPER, files: { "notification-fd": "3\n" } });
  const { exitCode, stderr } = await notifyoncheck(directory.path, "true");
  assertEquals(exitCode, 100);
  assertMatch(stderr, new RegExp(`no supervisor is running on ${directory.path}; `));
});

Deno.test("-3 outside of a service directory: the error names the directory", async () => {
  await using directory = await service({});
  const { exitCode, stderr } = await notifyoncheck(directory.path, "-3 3 true");
  assertEquals(exitCode, 100);
  assertMatch(stderr, new RegExp(`no supervisor is running on ${directory.path}; `));
});

for (
  const [line, complaint] of [
    ["", /no program given/],
    ["-n seven true", /option -n takes a number of checks from 0 to \d+, not 'seven'/],
    [
      "--waiting-time=-1 true",
      /option --waiting-time takes a number of milliseconds from 0 to \d+, not '-1'/,
    ],
    ["-3 x true", /option -3 takes the number of a descriptor from 0 to \d+, not 'x'/],
    ["-z true", /unknown option -z/],
    ["--tcp 0 true", /option --tcp takes a port, host:port or \[address\]:port, not '0'/],
    ["--http localhost true", /option --http takes a URL like .*, not 'localhost'/],
    ["--expect 200 true", /option --expect is about --http, which is not given/],
    ["--http http://h/ --expect 2xx true", /option --expect takes status codes like .*, not '2xx'/],
    ["--unix= true", /option --unix takes a path, not an empty string/],
    ["--backoff 0 true", /option --backoff takes a factor of at least 1, not '0'/],
    ["--tcp", /option --tcp needs an argument/],
  ] as const
) {
  Deno.test(`notifyoncheck ${line || "without arguments"} is wrong usage`, async () => {
    await using directory = await supervised({ "notification-fd": "3\n" });
    const { exitCode, stderr } = await notifyoncheck(directory.path, line);
    assertEquals(exitCode, 100);
    assertMatch(stderr, complaint);
    assertMatch(stderr, /^usage: sv notifyoncheck \[-d\]/m);
  });
}

Deno.test("a program that is not there is exit code 127, one that can't be run 126", async () => {
  await using directory = await supervised({ "notification-fd": "3\n", "text": "text\n" });
  const missing = await notifyoncheck(directory.path, "./missing");
  assertEquals(missing.exitCode, 127);
  assertMatch(missing.stderr, /cannot run .\/missing: there is no such file/);
  const text = await notifyoncheck(directory.path, "./text");
  assertEquals(text.exitCode, 126);
  assertMatch(text.stderr, /cannot run .\/text: it is not executable/);
});

Deno.test("the program's exit code comes through", async () => {
  await using directory = await supervised({ "notification-fd": "3\n" });
  assertEquals((await notifyoncheck(directory.path, "sh -c 'exit 42'")).exitCode, 42);
});
