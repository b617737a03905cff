/** `sv start`, `stop` and `restart` of services that belong to `sv rc`. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { longrun } from "../../rc/definitions_folder.ts";
import { LiveServices } from "../../rc/live_services.ts";
import { DEADLINE } from "../../support/deadline.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { start } from "../../support/start.ts";
import { until } from "../../support/until.ts";

const DEFINITIONS = {
  ...longrun("base"),
  ...longrun("db", ["base"]),
  ...longrun("web", ["db"]),
  ...longrun("ok"),
};

/** Runs `sv` with names in the scan directory; a verb waits for as long as a test does. */
const byName = (services: LiveServices, ...args: string[]) =>
  run([...sv, ...args], { env: { SVDIR: services.scandir, SVWAIT: `${DEADLINE / 1000}` } });

const plain = (text: string) => text.replaceAll(/\(pid \d+\) \d+s|: \d+s/g, "");

Deno.test("start, restart and stop go through the dependencies, and say so", async () => {
  await using services = await LiveServices.start(DEFINITIONS);
  const { live } = services;
  const started = await byName(services, "start", "web");
  assertEquals([started.code, plain(started.stdout)], [0, "ok: run: web: \n"]);
  const prefix = `is in the live directory ${live}:`;
  assertEquals(
    started.stderr,
    `sv start: web ${prefix} starting it with its dependencies: base and db\n`,
  );
  assertEquals(await services.up(), ["base", "db", "web"]);
  const [base, web] = [await services.pid("base"), await services.pid("web")];

  const restarted = await byName(services, "restart", "db");
  assertEquals([restarted.code, plain(restarted.stdout)], [0, "ok: run: db: \n"]);
  assertStringIncludes(
    restarted.stderr,
    `db ${prefix} restarting it with what depends on it: web\n`,
  );
  assertEquals(await services.up(), ["base", "db", "web"]);
  assertEquals([await services.pid("base"), await services.pid("web") === web], [base, false]);

  const stopped = await byName(services, "stop", "db");
  assertEquals([stopped.code, plain(stopped.stdout)], [0, "ok: down: db\n"]);
  assertStringIncludes(stopped.stderr, `db ${prefix} stopping it with what depends on it: web\n`);
  assertEquals(await services.up(), ["base"]);

  // What needs nothing else is not told of.
  const alone = await byName(services, "start", "ok");
  assertEquals([alone.code, alone.stderr], [0, ""]);
  assertEquals((await byName(services, "try-restart", "web")).code, 0);
  assertEquals(await services.up(), ["base", "ok"]);
});

Deno.test("up, down and signals act on the one service; start brings it up after that", async () => {
  await using services = await LiveServices.start(DEFINITIONS);
  assertEquals((await byName(services, "-v", "up", "web")).code, 0);
  assertEquals(await services.up(), []);
  assertEquals(await services.pid("db"), undefined);
  assertEquals((await byName(services, "start", "web")).code, 0);
  assertEquals(await services.up(), ["base", "db", "web"]);
  assertEquals((await byName(services, "-v", "down", "db")).code, 0);
  assertEquals(await services.up(), ["base", "db", "web"]);
  assertEquals((await byName(services, "start", "db")).code, 0);
  assertEquals((await services.pid("db")) === undefined, false);
});

Deno.test("what was not done in time is told with the first cause, and counted", async () => {
  await using services = await LiveServices.start({
    ...DEFINITIONS,
    "db/run": "#!/bin/sh\nexec sleep 1000\n",
  });
  // What can be done is done in that second, also on a slow host.
  assertEquals((await byName(services, "start", "ok")).code, 0);
  const { code, stderr, stdout } = await byName(services, "-w", "1", "start", "web", "ok", "none");
  assertEquals(code, 2, stderr);
  const [first, why, next, ...rest] = stdout.split("\n");
  assertMatch(first!, /^timeout: down: web: \d+s$/);
  assertMatch(why!, /^ {4}blocked: it needs db, and db is starting: not ready for .*: no newline/);
  assertMatch(next!, /^ {4}once that is mended, `sv start web` starts it with what it needs$/);
  assertMatch(rest.join("\n"), /^ok: run: ok: .*\nfail: none: /);
});

Deno.test("a service that was given up is started again by its name", async () => {
  await using services = await LiveServices.start({
    ...DEFINITIONS,
    "base/run": "#!/bin/sh\necho >&3\nexec 3>&-\nwhile [ ! -e die ]; do sleep 0.02; done\n" +
      "[ ! -e live ] || exec sleep 1000\nexit 3\n",
    "base/finish": "#!/bin/sh\nexit 125\n",
  });
  assertEquals((await byName(services, "start", "base")).code, 0);
  await Deno.writeTextFile(join(services.directory("base"), "die"), "");
  await until(async () => {
    const { stdout } = await byName(services, "status", "base");
    return stdout.includes("    failed: it was given up");
  }, "base to be given up");
  const { code, stdout } = await byName(services, "start", "db");
  assertEquals(code, 1);
  assertMatch(stdout, /^ {4}blocked: it needs base, and base has failed: it was given up: finish/m);
  await Deno.writeTextFile(join(services.directory("base"), "live"), "");
  assertEquals((await byName(services, "start", "base")).code, 0);
  assertEquals((await byName(services, "start", "db")).code, 0);
});

Deno.test("another command at work on the live directory is waited for, as long as the verb waits", async () => {
  await using services = await LiveServices.start({
    ...DEFINITIONS,
    "base/run": "#!/bin/sh\nwhile [ ! -e go ]; do sleep 0.02; done\necho >&3\nexec sleep 1000\n",
  });
  const other = start(services.command("start", "base"), {});
  await until(
    async () => (await Deno.readTextFile(join(services.live, "state"))).includes("starting base"),
    "the other command",
  );
  const late = await byName(services, "-w", "1", "start", "ok");
  assertEquals([late.code, late.stdout.split("\n")[0]!.startsWith("fail: ok: ")], [1, true]);
  assertStringIncludes(late.stdout, "another command is at work on it");
  const patient = byName(services, "start", "ok");
  await Deno.writeTextFile(join(services.directory("base"), "go"), "");
  assertEquals((await patient).code, 0);
  assertEquals((await other.status).code, 0);
  assertEquals(await services.up(), ["base", "ok"]);
});
