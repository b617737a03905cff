/** A scan that logs its own output: what it makes, where output goes, and mistakes. */
import { assertEquals, assertMatch } from "@std/assert";
import { DEADLINE } from "../../support/deadline.ts";
import { writeFiles } from "../../support/files.ts";
import { missingRoot, testNeeding } from "../../support/needs.ts";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";

const own = svCommand("svscanboot");
const sv = svCommand("").slice(0, -1);

async function place() {
  const directory = await temporaryDirectory();
  await Deno.chmod(directory.path, 0o755);
  // In PATH another program has the name, as runit's does: the logger is this one all the same.
  await writeFiles(`${directory.path}/bin`, { sv: "#!/bin/sh\nexit 100\n" });
  return { directory, env: `PATH=${directory.path}/bin:/usr/sbin:/usr/bin:/sbin:/bin` };
}

const WRITES = {
  run: "#!/bin/sh\necho to stdout\necho to stderr >&2\necho >&3\nexec sleep 100000\n",
  "notification-fd": "3\n",
};

async function ready(service: string): Promise<number> {
  const wait = [...sv, "wait", "-U", "-t", `${DEADLINE}`, service];
  return (await run(wait)).code;
}

async function includes(path: string, ...words: readonly string[]): Promise<void> {
  await until(async () => {
    const text = await Deno.readTextFile(path).catch(() => "");
    return words.every((word) => text.includes(word));
  }, `${words.join(", ")} in ${path}`);
}

testNeeding(
  [missingRoot("to run the logger as another user")],
  "svscanboot: what services and supervisors print goes to a logger of another user",
  async () => {
    const { directory, env } = await place();
    await using _ = directory;
    const logs = `${directory.path}/deep/er/logs`;
    const scandir = `${directory.path}/run/service`;
    await writeFiles(`${scandir}/web`, WRITES);
    // A former logger is made anew.
    await writeFiles(`${scandir}/s6-svscan-log`, { run: "#!/bin/sh\nexit 1\n", "old/file": "" });
    await using scan = await Scan.start(scandir, {
      through: ["env", env],
      command: own,
      options: ["-D", logs, "-l", "daemon", "-m", "2755", "-o", "n3 t", "-C", "20"],
    });
    assertEquals(await ready(`${scandir}/web`), 0);
    await includes(`${logs}/current`, "to stdout", "to stderr");
    assertMatch(await Deno.readTextFile(`${logs}/current`), /^@[0-9a-f]{24} /);
    const { mode, uid } = await Deno.stat(logs);
    assertEquals([mode! & 0o7777, uid], [0o2755, 1]);
    assertEquals((await Deno.stat(`${logs}/current`)).uid, 1);

    // A supervisor's warning.
    await Deno.writeTextFile(`${scandir}/web/timeout-kill`, "5s\n");
    assertEquals((await run([...sv, "control", "-wD", "-d", `${scandir}/web`])).code, 0);
    await includes(`${logs}/current`, "timeout-kill");

    const log = `${scandir}/s6-svscan-log`;
    assertEquals(await Deno.stat(`${log}/old`).catch(() => "gone"), "gone");
    assertEquals((await Deno.stat(`${log}/fifo`)).mode! & 0o7777, 0o600);
    assertEquals(await ready(log), 0);
    assertEquals(scan.stdout, "");
    assertEquals(scan.stderr, "");
    assertEquals((await run([...sv, "scanctl", "-t", scandir])).code, 0);
    await until(async () => (await run([...sv, "ok", log])).code !== 0, "the end of the logger");
  },
);

testNeeding(
  [],
  "svscanboot -u logs into XDG_RUNTIME_DIR, and tells that it is ready",
  async () => {
    const { directory, env } = await place();
    await using _ = directory;
    const scandir = `${directory.path}/service`;
    await using scan = await Scan.start(scandir, {
      through: [
        "env",
        env,
        `XDG_RUNTIME_DIR=${directory.path}`,
        "sh",
        "-c",
        `exec "$@" 5>"$0"`,
        `${directory.path}/ready`,
      ],
      command: own,
      options: ["-u", "-d", "5"],
    });
    await includes(`${directory.path}/ready`, "\n");
    assertEquals((await Deno.stat(`${directory.path}/uncaught-logs`)).mode! & 0o7777, 0o2750);
    assertEquals(
      await ready(`${scandir}/s6-svscan-log`),
      0,
    );
    assertEquals(scan.stderr, "");
    assertEquals((await run([...sv, "scanctl", "-t", scandir])).code, 0);
  },
);

for (
  const [args, code, message] of [
    ["", 100, "no scan directory given"],
    ["-m x DIR/s", 100, "option -m takes the mode of a directory, as in 2750, not 'x'"],
    ["-d 2 DIR/s", 100, "option -d takes the number of a descriptor from 3"],
    ["-d 77 DIR/s", 111, "cannot use descriptor 77 (option -d): it is not open"],
    ["-C 3 DIR/s", 100, "option -C takes a number of services from 4"],
    ["-u DIR/s", 100, "XDG_RUNTIME_DIR, which is not set"],
    ["-D DIR/file DIR/s", 111, "file"],
    ["-D DIR/logs DIR/file", 111, "file"],
    ["-D DIR/logs -o 'a DIR/s", 100, "a quote is not closed"],
    ["-D DIR/logs -c DIR/no/console DIR/s", 111, "no/console"],
  ] as const
) {
  Deno.test(`svscanboot ${args}: ${message}`, async () => {
    await using directory = await temporaryDirectory();
    await writeFiles(directory.path, { file: "" });
    const words = args.replaceAll("DIR", directory.path).split(" ").filter((word) => word !== "");
    const { code: actual, stderr } = await run(["env", "-u", "XDG_RUNTIME_DIR", ...own, ...words]);
    assertEquals(actual, code, stderr);
    assertEquals(
      stderr.startsWith("sv svscanboot: fatal: ") && stderr.includes(message),
      true,
      stderr,
    );
  });
}
