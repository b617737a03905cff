import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { writeFiles } from "../../support/files.ts";
import { run } from "../../support/run.ts";
import { until } from "../../support/until.ts";
import { longrun } from "../definitions_folder.ts";
import { LiveServices } from "../live_services.ts";

const DEFINITIONS = {
  ...longrun("base"),
  ...longrun("left", ["base"]),
  ...longrun("right", ["base"]),
  ...longrun("top", ["left", "right"]),
};
const NAMES = ["base", "left", "right", "top"];

async function started(): Promise<LiveServices> {
  const services = await LiveServices.start(DEFINITIONS);
  assertEquals((await services.rc("start", "top")).code, 0);
  return services;
}

/**
 * Runs an update, and returns the services that have other processes after it: those of which it says
 * that it restarts or stops them.
 */
async function restarted(services: LiveServices, ...args: string[]): Promise<string[]> {
  const pids = () => Promise.all(NAMES.map((name) => services.pid(name)));
  const before = await pids();
  const { code, stderr } = await services.rc("update", ...args);
  assertEquals(code, 0, stderr);
  const after = await pids();
  const changed = NAMES.filter((_, index) => before[index] !== after[index]);
  const lines = stderr.split("\n").filter((line) => line !== "");
  const said = lines.map((line) =>
    /^sv rc update: (?:restart|stop) (\w+): it/.exec(line)?.[1] ?? line
  );
  assertEquals(said.sort(), changed);
  return changed;
}

Deno.test("an update that changes nothing restarts nothing", async () => {
  await using services = await started();
  assertEquals(await restarted(services), []);
  assertEquals(await services.up(), NAMES);
});

Deno.test("an update restarts what has other files, and what depends on it", async () => {
  await using services = await started();
  await writeFiles(services.source, { "left/env/NAME": "value" });
  assertEquals(await restarted(services), ["left", "top"]);
  assertEquals(await services.up(), NAMES);
  const copied = join(services.live, "servicedirs/left/env/NAME");
  assertEquals(await Deno.readTextFile(copied), "value");
});

Deno.test("another timeout is no reason to restart", async () => {
  await using services = await started();
  await writeFiles(services.source, { "base/timeout-up": "1000\n", "base/flag-essential": "" });
  assertEquals(await restarted(services), []);
});

Deno.test("a service that needs something new waits for it", async () => {
  await using services = await started();
  await writeFiles(services.source, { ...longrun("new"), "right/dependencies.d/new": "" });
  assertEquals(await restarted(services), ["right", "top"]);
  assertEquals(await services.up(), ["base", "left", "new", "right", "top"]);
});

Deno.test("a service that is gone is stopped, with its supervisor; the rest goes on", async () => {
  await using services = await started();
  await Deno.remove(join(services.source, "left"), { recursive: true });
  await Deno.remove(join(services.source, "top/dependencies.d/left"));
  assertEquals(await restarted(services), ["left", "top"]);
  assertEquals(await services.up(), ["base", "right", "top"]);
  const kept = [...Deno.readDirSync(services.scandir)].map(({ name }) => name);
  assertEquals(kept.filter((name) => !name.startsWith(".")).sort(), ["base", "right", "top"]);
});

Deno.test("a longrun that becomes a oneshot is replaced by it", async () => {
  await using services = await started();
  await Deno.remove(join(services.source, "left"), { recursive: true });
  const ran = join(services.place, "ran");
  await writeFiles(services.source, { "left/type": "oneshot\n", "left/up": `touch ${ran}\n` });
  assertEquals(await restarted(services), ["left", "top"]);
  assertEquals((await services.up()).sort(), NAMES);
  assertEquals((await Deno.stat(ran)).isFile, true);
});

Deno.test("a file can name services to restart in any case", async () => {
  await using services = await started();
  const file = join(services.place, "restarts");
  await Deno.writeTextFile(file, "# now\nright restart\n");
  assertEquals(await restarted(services, "-f", file), ["right", "top"]);
  await Deno.writeTextFile(file, "nothing restart\n");
  assertEquals((await services.rc("update", "-f", file)).code, 3);
});

Deno.test("definitions with errors are not put in force", async () => {
  await using services = await started();
  await writeFiles(services.source, { "left/dependencies.d/top": "" });
  const { code, stderr } = await services.rc("update");
  assertEquals(code, 1);
  assertNotEquals(stderr.match(/a service depends on itself: left → top → left/), null);
  assertEquals(await services.up(), NAMES);
});

Deno.test("a dry run of an update only says what it would do", async () => {
  await using services = await started();
  await writeFiles(services.source, { "left/env/NAME": "value" });
  const { code, stdout } = await services.rc("update", "-n");
  assertEquals(code, 0);
  assertEquals(stdout.split("\n").sort(), ["", "start left", "start top", "stop left", "stop top"]);
  assertEquals(await restarted(services), ["left", "top"]);
});

/** Moves the definition of a service to another name. */
async function rename(services: LiveServices, from: string, to: string): Promise<void> {
  await Deno.rename(join(services.source, from), join(services.source, to));
}

async function conversion(services: LiveServices, text: string): Promise<string> {
  const path = join(services.place, "conversion");
  await Deno.writeTextFile(path, text);
  return path;
}

const linked = (services: LiveServices) =>
  [...Deno.readDirSync(services.scandir)].map(({ name }) => name)
    .filter((name) => !name.startsWith(".")).sort();

Deno.test("what is renamed goes on under its new name, and what depends on it, too", async () => {
  await using services = await LiveServices.start({
    ...DEFINITIONS,
    "once/type": "oneshot\n",
    "once/up": "true\n",
    "base/dependencies.d/once": "",
  });
  assertEquals((await services.rc("start", "top")).code, 0);
  const before = await Promise.all(NAMES.map((name) => services.pid(name)));
  await rename(services, "left", "west");
  await rename(services, "once", "ever");
  await Deno.remove(join(services.source, "top/dependencies.d/left"));
  await Deno.remove(join(services.source, "base/dependencies.d/once"));
  await writeFiles(services.source, {
    "top/dependencies.d/west": "",
    "base/dependencies.d/ever": "",
  });
  const file = await conversion(services, "left -> west\n# a comment\nonce -> ever\n");
  const dry = await services.rc("update", "-n", "-f", file);
  assertEquals([dry.code, dry.stdout], [0, ""]);
  const { code, stderr } = await services.rc("update", "-f", file);
  assertEquals([code, stderr], [0, "sv rc update: rename left to west: it goes on\n"]);
  const now = ["base", "west", "right", "top"];
  assertEquals(await Promise.all(now.map((name) => services.pid(name))), before);
  assertEquals((await services.up()).sort(), [...now, "ever"].sort());
  assertEquals(linked(services), [...now].sort());
  assertEquals((await services.rc("diff")).stdout, "");
  // Its supervisor is at work on it as before.
  assertEquals((await services.rc("stop", "base")).code, 0);
  assertEquals(await services.up(), ["ever"]);
  assertEquals((await services.rc("start", "top")).code, 0);
  assertEquals(await services.pid("west") === before[1], false);
});

Deno.test("names are exchanged, and a renamed service is restarted where the file says so", async () => {
  await using services = await started();
  const [, left, right] = await Promise.all(NAMES.map((name) => services.pid(name)));
  await rename(services, "left", "x");
  await rename(services, "right", "left");
  await rename(services, "x", "right");
  const exchange = await conversion(services, "left -> right\nright -> left\n");
  const { code, stderr } = await services.rc("update", "-f", exchange);
  assertEquals(code, 0, stderr);
  assertEquals([await services.pid("left"), await services.pid("right")], [right, left]);
  assertEquals(linked(services), NAMES.toSorted());
  await rename(services, "left", "west");
  await Deno.remove(join(services.source, "top/dependencies.d/left"));
  await writeFiles(services.source, { "top/dependencies.d/west": "" });
  const restart = await conversion(services, "left -> west restart\n");
  const again = await services.rc("update", "-f", restart);
  assertEquals(again.code, 0);
  assertMatch(again.stderr, /stop left: its line in the file of -f says so\n/);
  assertEquals((await services.up()).sort(), ["base", "right", "top", "west"]);
  assertEquals(linked(services), ["base", "right", "top", "west"]);
});

Deno.test("both ends of a pipe keep it when they are renamed", async () => {
  const piped = (writer: string, reader: string) => ({
    ...longrun(writer),
    [`${writer}/run`]: "#!/bin/sh\necho first; echo >&3; exec 3>&-\n" +
      "while [ ! -e go ]; do sleep 0.05; done; echo second; exec sleep 1000\n",
    [`${writer}/producer-for`]: `${reader}\n`,
    ...longrun(reader),
    [`${reader}/run`]:
      "#!/bin/sh\necho >&3; exec 3>&-\nwhile read -r line; do echo $line >>got; done\n",
    [`${reader}/consumer-for`]: `${writer}\n`,
  });
  await using services = await LiveServices.start(piped("web", "log"));
  assertEquals((await services.rc("start", "web")).code, 0);
  const before = [await services.pid("web"), await services.pid("log")];
  await Deno.remove(services.source, { recursive: true });
  await writeFiles(services.source, piped("site", "journal"));
  const file = await conversion(services, "web -> site\nlog -> journal\n");
  const { code, stderr } = await services.rc("update", "-f", file);
  assertEquals(code, 0, stderr);
  assertEquals([await services.pid("site"), await services.pid("journal")], before);
  await Deno.writeTextFile(join(services.directory("site"), "go"), "");
  await until(async () => {
    const got = await Deno.readTextFile(join(services.directory("journal"), "got"));
    return got === "first\nsecond\n";
  }, "both lines");
});

Deno.test("a conversion that can't be is refused, with the exit codes of s6-rc-update", async () => {
  await using services = await LiveServices.start({
    ...DEFINITIONS,
    "all/type": "bundle\n",
    "all/contents.d/left": "",
  });
  assertEquals((await services.rc("start", "top")).code, 0);
  const refusals: Record<string, readonly [code: number, why: RegExp]> = {
    "nobody -> x": [3, /'nobody' is in force under no such name/],
    "all -> x": [5, /'all' is a bundle/],
    "left -> nobody": [
      4,
      /'left' gets the name 'nobody', which nothing in the new definitions has/,
    ],
    "left -> right": [6, /'right' would be made of both 'right' and 'left'/],
    "left restart\nleft -> x": [6, /several lines for 'left'/],
    "left ->": [100, /is not of the form/],
    "left -> x again": [100, /'left -> x again' is not of the form/],
  };
  const before = await Promise.all(NAMES.map((name) => services.pid(name)));
  for (const [text, [expected, why]] of Object.entries(refusals)) {
    const { code, stderr } = await services.rc("update", "-f", await conversion(services, text));
    assertEquals(code, expected, text);
    assertMatch(stderr, why);
  }
  assertEquals(await Promise.all(NAMES.map((name) => services.pid(name))), before);
});

Deno.test("an update that was killed while it renames is completed by the next command", async () => {
  await using services = await started();
  const [, left, right] = await Promise.all(NAMES.map((name) => services.pid(name)));
  const { live } = services;
  await Deno.copyFile(join(live, "definitions/1/definitions.json"), join(services.place, "set"));
  // As after a kill between the two steps of an exchange: the first has its name in between.
  const set = JSON.parse(await Deno.readTextFile(join(services.place, "set")));
  const id = join(live, "definitions/2");
  await Deno.mkdir(join(id, "servicedirs"), { recursive: true });
  for (const name of NAMES) {
    await run([
      "cp",
      "-a",
      join(live, "definitions/1/servicedirs", name),
      join(id, "servicedirs", name),
    ]);
  }
  await Deno.writeTextFile(join(id, "definitions.json"), JSON.stringify(set));
  const pairs = [["left", "right"], ["right", "left"]];
  await Deno.writeTextFile(
    join(id, "renames"),
    JSON.stringify({ services: pairs, carried: pairs }),
  );
  await Deno.rename(join(live, "servicedirs/left"), join(live, "servicedirs/.renamed.0"));
  const state = await Deno.readTextFile(join(live, "state"));
  await Deno.writeTextFile(join(live, "state"), state.replace("\n", "\nupdating 2\n"));
  assertEquals((await services.rc("start", "top")).code, 0);
  assertEquals([await services.pid("left"), await services.pid("right")], [right, left]);
  assertEquals((await services.up()).sort(), NAMES.toSorted());
  assertEquals((await services.rc("diff")).stdout, "");
});

Deno.test("an update that brings a name which is taken in the scan directory changes nothing", async () => {
  await using services = await started();
  const before = await Promise.all(NAMES.map((name) => services.pid(name)));
  await writeFiles(services.scandir, { "new/run": "#!/bin/sh\nexec sleep 1000\n" });
  await writeFiles(services.source, { ...longrun("new"), "left/env/NAME": "value" });
  const { code, stderr } = await services.rc("update");
  assertEquals(code, 111);
  assertMatch(
    stderr,
    /cannot have new supervised: \S+\/scan\/new is there already, and is another/,
  );
  assertEquals(await Promise.all(NAMES.map((name) => services.pid(name))), before);
});
