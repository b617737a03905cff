import { assertEquals, assertMatch } from "@std/assert";
import { longrun } from "../../rc/definitions_folder.ts";
import { LiveServices } from "../../rc/live_services.ts";

const DEFINITIONS = {
  ...longrun("base"),
  ...longrun("db", ["base"]),
  ...longrun("web", ["db"]),
  ...longrun("other", ["db"]),
  ...longrun("alone"),
};
const NAMES = ["base", "db", "web", "other", "alone"];

const pids = (services: LiveServices) => Promise.all(NAMES.map((name) => services.pid(name)));

Deno.test("a restart stops what depends on the service, and starts again what was up, in order", async () => {
  await using services = await LiveServices.start(DEFINITIONS);
  assertEquals((await services.rc("start", "web", "alone")).code, 0);
  const before = await pids(services);
  const { code, stderr } = await services.rc("restart", "-v2", "db");
  assertEquals(code, 0, stderr);
  assertEquals(
    stderr.split("\n").slice(0, -1).map((line) => line.replace("sv rc restart: service ", "")),
    [
      "web: stopping",
      "web: successfully stopped",
      "db: stopping",
      "db: successfully stopped",
      "db: starting",
      "db: successfully started",
      "web: starting",
      "web: successfully started",
    ],
  );
  const after = await pids(services);
  const changed = NAMES.filter((_, index) => before[index] !== after[index]);
  assertEquals(changed, ["db", "web"]);
  assertEquals((await services.up()).sort(), ["alone", "base", "db", "web"]);
});

Deno.test("a dry run of a restart tells the order; what is down is started", async () => {
  await using services = await LiveServices.start(DEFINITIONS);
  assertEquals((await services.rc("start", "db")).code, 0);
  const { stdout } = await services.rc("restart", "-n", "0", "db");
  assertEquals(stdout, "stop db\nstart db\n");
  assertEquals((await services.rc("restart", "other")).code, 0);
  assertEquals((await services.up()).sort(), ["base", "db", "other"]);
  assertEquals((await services.rc("restart", "nobody")).code, 3);
});

Deno.test("what is essential is restarted only with -D, and nothing is changed without", async () => {
  await using services = await LiveServices.start({ ...DEFINITIONS, "web/flag-essential": "" });
  assertEquals((await services.rc("start", "web")).code, 0);
  const before = await pids(services);
  const { code, stderr } = await services.rc("restart", "db");
  assertEquals(code, 1);
  assertMatch(stderr, /cannot restart: .* essential: web; nothing was changed; -D stops it, too/);
  assertEquals(await pids(services), before);
  assertEquals((await services.rc("restart", "-D", "db")).code, 0);
  assertEquals((await pids(services))[2] === before[2], false);
});

Deno.test("where something can't be stopped, what was stopped is started again", async () => {
  await using services = await LiveServices.start({
    ...DEFINITIONS,
    "mount/type": "oneshot\n",
    "mount/up": "true\n",
    "mount/down": 'sh -c "exit 9"\n',
    ...longrun("top", ["mount"]),
    "mount/dependencies.d/base": "",
  });
  assertEquals((await services.rc("start", "top")).code, 0);
  const { code, stderr } = await services.rc("restart", "base");
  assertEquals(code, 1);
  assertMatch(stderr, /unable to stop service mount: its script exited 9\n/);
  assertMatch(stderr, /not stopped, because of mount: base\n/);
  assertEquals((await services.up()).sort(), ["base", "mount", "top"]);
});
