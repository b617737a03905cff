import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { writeFiles } from "../../support/files.ts";
import { longrun } from "../definitions_folder.ts";
import { LiveServices } from "../live_services.ts";

/** `b` needs `a`, `c` needs `b`; the names of those that are up are started. */
async function chain(files: Record<string, string>, top = "c"): Promise<LiveServices> {
  const services = await LiveServices.start({
    ...longrun("a"),
    ...longrun("b", ["a"]),
    ...longrun("c", ["b"]),
    ...files,
  });
  assertEquals((await services.rc("start", top)).code, 0);
  return services;
}

async function pids(services: LiveServices): Promise<(number | undefined)[]> {
  return await Promise.all(["a", "b", "c"].map((name) => services.pid(name)));
}

/** Returns which definitions are in force, and which files of `a` the supervisor reads. */
async function inForce(services: LiveServices): Promise<string[]> {
  return [
    await Deno.readTextFile(join(services.live, "state")),
    ...[...Deno.readDirSync(join(services.live, "definitions"))].map(({ name }) => name),
    await Deno.readTextFile(join(services.live, "servicedirs/a/run")),
  ];
}

/** Asserts that an update is refused for services, with the reasons, and has changed nothing. */
async function assertRefused(services: LiveServices, named: string, ...args: string[]) {
  const before = [await pids(services), await inForce(services)];
  for (const more of [["-n"], []]) {
    const { code, stdout, stderr } = await services.rc("update", ...more, ...args);
    assertEquals([code, stdout, stderr.slice(stderr.indexOf("cannot"))], [
      9,
      "",
      `cannot update ${services.live}: that would stop what is marked as essential: ` +
      `${named}; nothing was changed; -e stops it, -k leaves running what still exists\n`,
    ]);
  }
  assertEquals([await pids(services), await inForce(services)], before);
  assertEquals(await services.up(), ["a", "b", "c"]);
  assertEquals((await services.rc("diff")).stdout, "");
}

Deno.test("an update that removes an essential service is refused", async () => {
  await using services = await chain({ "c/flag-essential": "" });
  await Deno.remove(join(services.source, "c"), { recursive: true });
  await assertRefused(services, "c (it is not defined any more)");
  assertEquals((await services.rc("update", "-e")).code, 0);
  assertEquals(await services.up(), ["a", "b"]);
});

Deno.test("an update that removes what an essential service needs is refused", async () => {
  await using services = await chain({ "c/flag-essential": "" });
  await Deno.remove(join(services.source, "a"), { recursive: true });
  await Deno.remove(join(services.source, "b/dependencies.d/a"));
  await assertRefused(services, "c (it depends on 'b')");
});

Deno.test("an update that would restart essential services is refused", async () => {
  await using services = await chain({ "a/flag-essential": "", "b/flag-essential": "" });
  const former = await Deno.readTextFile(join(services.source, "a/run"));
  await writeFiles(services.source, { "a/run": `${former}# changed\n` });
  await assertRefused(services, "a (its run has changed), b (it depends on 'a')");
  const before = await pids(services);
  const kept = await services.rc("update", "-k");
  assertEquals([kept.code, kept.stderr], [
    0,
    "sv rc update: leave running a: its run has changed\n",
  ]);
  assertEquals(await pids(services), before);
  assertEquals(
    await Deno.readTextFile(join(services.live, "servicedirs/a/run")),
    `${former}# changed\n`,
  );
});

Deno.test("what is essential no more counts as essential until then", async () => {
  await using services = await chain({ "c/flag-essential": "" });
  await writeFiles(services.source, { "c/env/X": "1" });
  await Deno.remove(join(services.source, "c/flag-essential"));
  await assertRefused(services, "c (its env is new)");
});

Deno.test("what only a supervisor reads is in force at once, without a restart", async () => {
  await using services = await chain({ "a/timeout-kill": "1000\n" });
  const before = await pids(services);
  const files = {
    "a/finish": "#!/bin/sh\n",
    "a/timeout-kill": "2000\n",
    "a/timeout-finish": "3000\n",
    "a/max-death-tally": "7\n",
    "a/down-signal": "INT\n",
    "a/reload-signal": "USR1\n",
    "a/flag-timeout-killpg": "",
  };
  await writeFiles(services.source, files);
  const { code, stdout, stderr } = await services.rc("update");
  assertEquals([code, stdout, stderr], [0, "", ""]);
  assertEquals(await pids(services), before);
  for (const [path, text] of Object.entries(files)) {
    assertEquals(await Deno.readTextFile(join(services.live, "servicedirs", path)), text);
  }
});

Deno.test("an update says what it restarts, and why", async () => {
  await using services = await chain({ "b/env/X": "1", "b/data/x/y": "1" });
  const said = async (...args: string[]) => {
    const { code, stderr } = await services.rc("update", ...args);
    assertEquals(code, 0);
    return stderr.replaceAll("sv rc update: ", "").split("\n").slice(0, -1);
  };
  await writeFiles(services.source, { "b/env/X": "2" });
  const reasons = ["restart b: its env/X has changed", "restart c: it depends on 'b'"];
  assertEquals(await said("-n"), reasons);
  assertEquals(await said("-v0"), []);
  await writeFiles(services.source, { "b/data/x/z": "1" });
  assertEquals(await said(), ["restart b: its data/x/z is new", "restart c: it depends on 'b'"]);
  await Deno.remove(join(services.source, "b/data/x"), { recursive: true });
  assertEquals((await said())[0], "restart b: its data/x is gone");
  await writeFiles(services.source, { ...longrun("new"), "c/dependencies.d/new": "" });
  assertEquals(await said(), ["restart c: it depends on 'new' now"]);
  assertEquals((await services.up()).sort(), ["a", "b", "c", "new"]);
  await Deno.remove(join(services.source, "c"), { recursive: true });
  await Deno.remove(join(services.source, "new"), { recursive: true });
  assertEquals((await said()).sort(), [
    "stop c: it is not defined any more",
    "stop new: it is not defined any more",
  ]);
});

Deno.test("a oneshot is run again for another script 'up', and for no other", async () => {
  const path = (name: string) => `touch ${name}`;
  await using services = await LiveServices.start({ "o/type": "oneshot\n", "o/up": "true\n" });
  assertEquals((await services.rc("start", "o")).code, 0);
  const [former, next, up] = ["former", "next", "up"].map((name) => join(services.place, name));
  const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
  await writeFiles(services.source, { "o/down": path(former!), "o/reload": "true\n" });
  assertEquals((await services.rc("update")).stderr, "");
  assertEquals(await exists(former!), false);
  await writeFiles(services.source, { "o/down": path(next!), "o/up": path(up!) });
  const { stderr } = await services.rc("update");
  assertEquals(stderr, "sv rc update: restart o: its script 'up' has changed\n");
  assertEquals(await Promise.all([former!, next!, up!].map(exists)), [true, false, true]);
});

Deno.test("-k restarts nothing for what it needs now, and starts that", async () => {
  await using services = await chain({});
  const before = await pids(services);
  await writeFiles(services.source, { ...longrun("new"), "b/dependencies.d/new": "" });
  const { code, stderr } = await services.rc("update", "--keep-running");
  assertEquals([code, stderr], [0, "sv rc update: leave running b: it depends on 'new' now\n"]);
  assertEquals(await pids(services), before);
  assertEquals((await services.up()).sort(), ["a", "b", "c", "new"]);
});

Deno.test("an update leaves the files of a service that are the same where they are", async () => {
  await using services = await chain({ "a/data/x": "1", "a/finish": "#!/bin/sh\n" });
  const numbers = () =>
    ["data", "data/x", "run", "finish"].map((file) =>
      Deno.statSync(join(services.live, "servicedirs/a", file)).ino
    );
  const before = numbers();
  await writeFiles(services.source, { "a/timeout-kill": "1\n" });
  assertEquals((await services.rc("update")).code, 0);
  assertEquals(numbers(), before);
});
