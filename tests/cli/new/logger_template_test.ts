import { assertEquals } from "@std/assert";
import { loggerScript } from "../../../lib/cli/new/logger_template.ts";
import { run } from "../../support/run.ts";
import { writeFiles } from "../../support/files.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** Runs a logger's script with only some loggers on PATH, which print what they are called with. */
async function loggedBy(loggers: readonly string[]) {
  await using directory = await temporaryDirectory();
  const logs = `${directory.path}/my logs/web`;
  await writeFiles(directory.path, {
    "run": loggerScript("web", logs),
    ...Object.fromEntries(
      loggers.map((name) => [`bin/${name}`, `#!/bin/sh\nshift $(($# - 1))\necho "${name} $1"\n`]),
    ),
  });
  for (const name of ["mkdir", "cat"]) {
    await Deno.mkdir(`${directory.path}/bin`, { recursive: true });
    await Deno.symlink(`/bin/${name}`, `${directory.path}/bin/${name}`);
  }
  const { code, stdout } = await run([`${directory.path}/run`], {
    stdin: "a line\n",
    env: { PATH: `${directory.path}/bin` },
  });
  const current = await Deno.readTextFile(`${logs}/current`).catch(() => "");
  return [code, stdout.replace(logs, "LOGS"), current];
}

Deno.test("a logger is the first that is installed", async () => {
  assertEquals(await loggedBy(["svlogd", "s6-log", "multilog"]), [0, "s6-log LOGS\n", ""]);
  assertEquals(await loggedBy(["svlogd", "multilog"]), [0, "svlogd LOGS\n", ""]);
  assertEquals(await loggedBy(["multilog", "sv"]), [0, "multilog LOGS\n", ""]);
  assertEquals(await loggedBy(["sv"]), [0, "sv LOGS\n", ""]);
});

Deno.test("without any logger the lines are appended to a file", async () => {
  assertEquals(await loggedBy([]), [0, "", "a line\n"]);
});
