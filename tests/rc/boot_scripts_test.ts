/**
 * A boot script made of s6-rc-compile, s6-rc-init, s6-rc, s6-rc-update, s6-rc-db: what each command brings about,
 * as s6-rc 0.7.0.0 does it. Where s6-rc is installed, the same is expected of s6-rc itself.
 */
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { writeFiles } from "../support/files.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { svCommand } from "../support/program.ts";
import { quoted } from "../support/quoted.ts";
import { run } from "../support/run.ts";
import { start } from "../support/start.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { LiveServices } from "./live_services.ts";
import { longrun } from "./definitions_folder.ts";

const oneshot = (name: string, up: string, ...dependencies: string[]) => ({
  [`${name}/type`]: "oneshot\n",
  [`${name}/up`]: `${up}\n`,
  ...Object.fromEntries(dependencies.map((other) => [`${name}/dependencies.d/${other}`, ""])),
});

const bundle = (name: string, ...contents: string[]) => ({
  [`${name}/type`]: "bundle\n",
  ...Object.fromEntries(contents.map((other) => [`${name}/contents.d/${other}`, ""])),
});

/** What an image brings along. Its oneshot writes to a log. */
const base = (log: string) => ({
  ...bundle("all", "base", "user"),
  ...bundle("base", "prepare"),
  ...oneshot("prepare", `redirfd -a 1 ${log} echo prepared`),
  "prepare/down": `redirfd -a 1 ${log} echo cleaned\n`,
});

/** What its user adds, in a directory of services and one of bundles. */
const services = {
  ...longrun("web", ["base", "log-pipe"]),
  ...longrun("source"),
  "source/producer-for": "logger\n",
  "source/run": "#!/bin/sh\necho line\necho >&3\nexec 3>&-\nexec sleep 1000\n",
  ...longrun("logger", ["base"]),
  "logger/consumer-for": "source\n",
  "logger/pipeline-name": "log-pipe\n",
  "logger/run": "#!/bin/sh\necho >&3\nexec 3>&-\nread -r line\nexec sleep 1000\n",
  ...longrun("spare"),
};
const bundles = bundle("user", "web");

/** The lines of the script: `$db` and so on are paths, `$?` is printed after each line. */
const script = `
s6-rc-compile -v0 -- "$db" "$place/services" "$place/bundles" "$place/base"
s6-rc-init -c "$db" -l "$live" "$scan"
s6-rc-init -c "$db" -l "$live" "$scan"
up
s6-rc -v1 -l "$live" -u -t 0 -- change all
up
s6-rc -v0 -l "$live" -d change web
up
s6-rc -v0 -l "$live" -u change user
s6-rc-compile -v0 -- "$db" "$place/services" "$place/bundles" "$place/base"
s6-rc-compile -v0 -- "$place/db2" "$place/new" "$place/bundles" "$place/base"
s6-rc-update -v0 -l "$live" "$place/db2"
up
s6-rc -v0 -l "$live" -u change added
up
s6-rc -v1 -l "$live" -bda change
up
s6-rc -v0 -l "$live" change nobody
s6-rc-db -l "$live" type user
s6-rc-db -l "$live" -d dependencies web
s6-rc-db -c "$db" type nobody
cat "$place/log"
`;

/** What s6-rc 0.7.0.0 prints, without its own services. */
const expected = `
s6-rc-compile -v0 → 0
s6-rc-init → 0
s6-rc-init → 0
up:
s6-rc -v1 → 0
up: logger prepare source web
s6-rc -v0 → 0
up: logger prepare source
s6-rc -v0 → 0
s6-rc-compile -v0 → 111
s6-rc-compile -v0 → 0
s6-rc-update -v0 → 0
up: logger prepare source web
s6-rc -v0 → 0
up: added logger prepare source web
s6-rc -v1 → 0
up:
s6-rc -v0 → 3
bundle
s6-rc-db → 0
added
s6-rc-db → 0
s6-rc-db → 3
prepared
cleaned
`;

/** Runs the script, with a command for each name of s6-rc, and returns what it prints. */
async function outputOf(
  scan: readonly string[],
  commandOf: (name: string) => readonly string[],
): Promise<string> {
  await using place = await temporaryDirectory("sv-rc-test-");
  const at = (name: string) => join(place.path, name);
  await writeFiles(at("base"), base(at("log")));
  await writeFiles(at("services"), services);
  await writeFiles(at("bundles"), bundles);
  await writeFiles(at("new"), { ...services, ...longrun("added", ["web"]) });
  await Deno.remove(join(at("new"), "spare"), { recursive: true });
  for (const name of ["s6-rc-compile", "s6-rc-init", "s6-rc", "s6-rc-update", "s6-rc-db"]) {
    await writeFiles(at("bin"), { [name]: `#!/bin/sh\nexec ${quoted(commandOf(name))} "$@"\n` });
  }
  const lines = script.trim().split("\n").map((line) => {
    if (!line.startsWith("s6-rc")) return line;
    const words = line.split(" ").slice(0, / -v\d/.test(line) ? 2 : 1).join(" ");
    return `${line}; echo "${words} → $?"`;
  });
  const head = `place=$1; db=$1/db; live=$1/live; scan=$1/scan
up() {
  list=$(s6-rc -l "$live" -a list | grep -v ^s6rc- | sort | tr '\\n' ' ')
  echo "up: $list" | sed 's/ *$//'
}
`;
  await writeFiles(place.path, { "script": head + lines.join("\n") });
  await Deno.mkdir(at("scan"));
  const process = start([...scan, at("scan")]);
  try {
    await until(
      async () => (await run(["s6-svscanctl", at("scan")])).code === 0,
      `a scan of ${at("scan")}`,
    );
    const { stdout, stderr } = await run(["/bin/sh", at("script"), place.path], {
      env: { PATH: `${at("bin")}:${Deno.env.get("PATH")}` },
    });
    return stdout.trim() === expected.trim() ? stdout : `${stdout}${stderr}`;
  } finally {
    await run(["s6-svscanctl", "-b", at("scan")]);
    await within(process.status, "the scan to end").catch(() => process.kill("SIGKILL"));
    await process.status;
  }
}

for (
  const [name, scan] of [["sv scan", svCommand("scan")], ["s6-svscan", ["s6-svscan"]]] as const
) {
  Deno.test(`a boot script of s6-rc's programs runs unchanged with sv, over ${name}`, async () => {
    assertEquals((await outputOf(scan, svCommand)).trim(), expected.trim());
  });
}

Deno.test("s6-rc-init and s6-rc-update say what to do about a database compiled by s6-rc", async () => {
  await using services = await LiveServices.start(longrun("a"));
  const path = join(services.place, "compiled");
  await writeFiles(path, { "n": "", "db": "", "resolve.cdb": "" });
  const problem =
    `fatal: cannot use ${path}: s6-rc has compiled this database, and sv does not read ` +
    "its format; name the source directories that it was compiled from, or compile them with sv rc " +
    "compile\n";
  const live = join(services.place, "live2");
  const init = await run([...svCommand("s6-rc-init"), "-c", path, "-l", live, services.scandir]);
  assertEquals([init.code, init.stderr], [4, `s6-rc-init: ${problem}`]);
  const update = await run([...svCommand("s6-rc-update"), "-l", services.live, path]);
  assertEquals([update.code, update.stderr], [4, `s6-rc-update: ${problem}`]);
  assertEquals(await services.up(), []);
});

testNeeding(
  [missingPrograms("s6-rc-compile", "s6-rc-init", "s6-rc", "s6-rc-update", "s6-rc-db")],
  "what the boot script is expected to do is what s6-rc does",
  async () => {
    // The directory of the scripts is first on PATH, so that they need the paths of the programs.
    const path = async (name: string) =>
      (await run(["/bin/sh", "-c", `command -v ${name}`])).stdout.trim();
    const names = ["s6-rc-compile", "s6-rc-init", "s6-rc", "s6-rc-update", "s6-rc-db"];
    const paths = new Map(
      await Promise.all(names.map(async (name) => [name, await path(name)] as const)),
    );
    assertEquals(
      (await outputOf(["s6-svscan"], (name) => [paths.get(name)!])).trim(),
      expected.trim(),
    );
  },
);
