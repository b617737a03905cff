import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { writeFiles } from "../../support/files.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const RUN = "#!/bin/sh\nexec sleep 1000\n";

Deno.test("sv lint exits 0 and prints nothing where it finds nothing", async () => {
  await using directory = await temporaryDirectory();
  await writeFiles(directory.path, { run: RUN });
  const { code, stdout, stderr } = await run([...svCommand("lint"), directory.path]);
  assertEquals([code, stdout, stderr], [0, "", ""]);
});

Deno.test("sv lint prints a line for each finding, and exits 1", async () => {
  await using directory = await temporaryDirectory();
  await writeFiles(directory.path, { "run": RUN, "notificationfd": "3\n", "timeout-kill": "5\n" });
  const options = { cwd: directory.path };
  const { code, stdout, stderr } = await run([...svCommand("lint"), "."], options);
  assertEquals(
    stdout,
    "./notificationfd: error: nothing reads a file of this name; did you mean notification-fd? " +
      "[misspelt-file]\n" +
      "./timeout-kill: warning: 5 is a time in milliseconds; write 5000 if seconds are meant " +
      "[milliseconds]\n",
  );
  assertEquals(stderr, "sv lint: 1 service looked at: 1 error, 1 warning\n");
  assertEquals(code, 1);
  const errors = await run([...svCommand("lint"), "--errors", "."], options);
  assertEquals([errors.code, errors.stdout.split("\n").length], [1, 2]);
});

Deno.test("sv lint --json is an object with a version", async () => {
  await using directory = await temporaryDirectory();
  await writeFiles(directory.path, { run: "#!/bin/sh\necho >&4\nexec web\n" });
  const { code, stdout } = await run([...svCommand("lint"), "--json", directory.path]);
  assertEquals(code, 1);
  assertMatch(stdout, /^\{.*\}\n$/);
  const { version, directories, findings } = JSON.parse(stdout);
  assertEquals([version, directories, findings.length], [1, 1, 1]);
  const { severity, rule, file, line, message, fix } = findings[0];
  assertEquals([severity, rule, file, line], [
    "error",
    "other-descriptor",
    `${directory.path}/run`,
    2,
  ]);
  assertEquals([typeof message, typeof fix], ["string", "string"]);
});

Deno.test("sv lint of nothing, and of what is not there", async () => {
  const none = await run(svCommand("lint"));
  assertEquals(none.code, 100);
  const missing = await run([...svCommand("lint"), "/nowhere/at/all"]);
  assertEquals(missing.code, 111);
  assertStringIncludes(missing.stderr, "/nowhere/at/all");
});

Deno.test("sv rc check says what sv lint finds in definitions", async () => {
  await using directory = await temporaryDirectory();
  await writeFiles(directory.path, {
    "a/type": "oneshot\n",
    "a/up": "#!/bin/sh\nmkdir -p /run/a\n",
    "all/type": "bundle\n",
    "all/contents.d/a": "",
    "all/dependencies.d/a": "",
    "web/type": "longrun\n",
    "web/run/x": "",
    "web/data": "",
  });
  const { code, stderr } = await run([...svCommand("rc"), "check", directory.path]);
  assertEquals(code, 1);
  // Of each file once.
  for (const file of ["run", "data"]) {
    assertEquals(stderr.split(`${directory.path}/web/${file} `).length, 2, stderr);
    assertEquals(stderr.includes(`${directory.path}/web/${file}:`), false, stderr);
  }
  assertStringIncludes(stderr, `error: ${directory.path}/a/up:1: /bin/sh does not read this file`);
  assertStringIncludes(stderr, `warning: ${directory.path}/all/dependencies.d: it has no effect`);
});
