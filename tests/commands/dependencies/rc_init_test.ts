import { assertEquals, assertMatch } from "@std/assert";
import { DEADLINE } from "../../support/deadline.ts";
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
  for (const options of [[], ["-t", `${DEADLINE}`]]) {
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
  const { code, stderr } = await run(await initCommand(directory, "-t", `${DEADLINE}`));
  assertEquals(code, 100);
  assertMatch(
    stderr,
    /^sv rc init: fatal: cannot use .*\/scan: there is no such directory; make it/,
  );
});

Deno.test("s6-rc-init waits for no scan, as that of s6 does not", async () => {
  await using directory = await ScanDirectory.make();
  const [program, ...words] = await initCommand(directory, "-t", `${DEADLINE}`);
  const args = words.slice(words.indexOf("init") + 1);
  const sv = [program!, ...words.slice(0, words.indexOf("rc"))];
  const { code, stderr } = await run([...sv, "s6-rc-init", ...args]);
  assertEquals(code, 100);
  assertMatch(stderr, /^s6-rc-init: fatal: cannot use .* no scan is running there/);
});

Deno.test("instances of templates are in a database, start in order with their names, and follow updates", async () => {
  await using directory = await ScanDirectory.make();
  const { parent } = directory;
  const source = `${parent}/source`;
  const started = '#!/bin/sh\necho "$1" >>started\necho >&3\nexec 3>&-\nexec sleep 100000\n';
  await writeFiles(source, {
    "web@/type": "longrun\n",
    "web@/run": started,
    "web@/notification-fd": "3\n",
    "web@/dependencies.d/made@": "",
    "made@/type": "oneshot\n",
    "made@/up": `/bin/sh -c "echo up \${1} \\$RC_NAME >>${parent}/made"`,
    "made@/down": `/bin/sh -c "echo down \${1} >>${parent}/made"`,
    "all/type": "bundle\n",
    "all/contents": "web@a\nweb@b\n",
  });
  const rc = async (...words: string[]) => {
    const { code, stdout, stderr } = await run([...svCommand("rc"), ...words]);
    assertEquals(code, 0, stderr);
    return stdout;
  };
  const live = ["-l", `${parent}/live`];
  await using _scan = await Scan.start(directory.path);
  await rc("check", source);
  await rc("compile", `${parent}/db`, source);
  await Deno.rename(source, `${parent}/moved`);
  await rc("init", ...live, directory.path, `${parent}/db`);
  assertEquals(
    (await rc("db", ...live, "list", "all")).trim().split("\n").sort(),
    ["all", "made@a", "made@b", "web@a", "web@b"],
  );
  assertMatch(await rc("graph", ...live), /web@a/);
  await rc("start", ...live, "all");
  const made = async () => (await Deno.readTextFile(`${parent}/made`)).trim().split("\n").sort();
  assertEquals(await made(), ["up a made@a", "up b made@b"]);
  assertEquals(await directory.read("web@a/started"), "a\n");
  assertEquals(await directory.read("web@b/started"), "b\n");
  // One instance less, and a new text of the template.
  await writeFiles(`${parent}/moved`, {
    "web@/run": started.replace('"$1"', '"new $1"'),
    "all/contents": "web@b\n",
  });
  await rc("update", ...live, `${parent}/moved`);
  await directory.contains("web@b/started", (text) => text.endsWith("new b\n"), "the new start");
  assertEquals([...Deno.readDirSync(directory.path)].map(({ name }) => name).sort(), [
    ".s6-svscan",
    "web@b",
  ]);
  assertEquals(await made(), ["down a", "up a made@a", "up b made@b"]);
  await rc("stop", ...live, "all");
});
