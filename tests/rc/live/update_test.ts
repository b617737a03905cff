import { assertEquals, assertNotEquals } from "@std/assert";
import { join } from "@std/path";
import { writeFiles } from "../../support/files.ts";
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
