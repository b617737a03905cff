import { assertEquals, assertMatch } from "@std/assert";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Scan, scans } from "../../support/scan.ts";
import { ScanDirectory } from "../../support/scan_directory.ts";
import { writeFiles } from "../../support/files.ts";

/** Makes a source directory with one longrun, and returns the command that makes it live. */
async function initCommand(directory: ScanDirectory, ...options: string[]): Promise<string[]> {
  const source = `${directory.parent}/source`;
  await writeFiles(source, { "a/type": "longrun\n", "a/run": "#!/bin/sh\nexec sleep 1000\n" });
  const live = `${directory.parent}/live`;
  return [...svCommand("rc"), "init", "-l", live, ...options, directory.path, source];
}

for (const [name, command] of Object.entries(scans)) {
  for (const options of [[], ["-t", "20000"]]) {
    Deno.test(`sv rc init ${options.join(" ")} waits for a scan, ${name}'s, that is just starting`, async () => {
      await using directory = await ScanDirectory.make();
      const init = run(await initCommand(directory, ...options));
      await using _scan = await Scan.start(directory.path, { command });
      const { code, stderr } = await init;
      assertEquals(code, 0, stderr);
    });
  }
}

Deno.test("sv rc init says at once that it waits for a scan, and in the end what to do", async () => {
  await using directory = await ScanDirectory.make();
  const { code, stderr } = await run(await initCommand(directory, "-t", "50"));
  assertEquals(code, 100);
  assertMatch(
    stderr,
    /^sv rc init: no scan is running in .*\/scan yet: waiting for one, 50 milliseconds at most\nsv rc init: fatal: cannot use .*\/scan: no scan is running there; start sv scan .*\/scan first\n$/,
  );
});

Deno.test("sv rc init waits for no scan of a directory that is not there", async () => {
  await using directory = await ScanDirectory.make();
  await Deno.remove(directory.path);
  const { code, stderr } = await run(await initCommand(directory, "-t", "20000"));
  assertEquals(code, 100);
  assertMatch(
    stderr,
    /^sv rc init: fatal: cannot use .*\/scan: there is no such directory; make it/,
  );
});

Deno.test("s6-rc-init waits for no scan, as that of s6 does not", async () => {
  await using directory = await ScanDirectory.make();
  const [program, ...words] = await initCommand(directory, "-t", "20000");
  const args = words.slice(words.indexOf("init") + 1);
  const sv = [program!, ...words.slice(0, words.indexOf("rc"))];
  const { code, stderr } = await run([...sv, "s6-rc-init", ...args]);
  assertEquals(code, 100);
  assertMatch(stderr, /^s6-rc-init: fatal: cannot use .* no scan is running there/);
});
