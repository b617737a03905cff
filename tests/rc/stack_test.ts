/**
 * The example in `examples/stack`: real servers, started, changed and stopped as their readiness
 * allows.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { copy } from "@std/fs/copy";
import { fromFileUrl, join } from "@std/path";
import { DEADLINE } from "../support/deadline.ts";
import { writeFiles } from "../support/files.ts";
import { freePort } from "../support/free_port.ts";
import { missingPrograms, missingRoot, testNeeding } from "../support/needs.ts";
import { svCommand } from "../support/program.ts";
import { quoted } from "../support/quoted.ts";
import { run } from "../support/run.ts";
import { start } from "../support/start.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";

const source = fromFileUrl(new URL("../../examples/stack/source", import.meta.url));

const needs = [
  missingRoot("to run postgresql as its own user"),
  missingPrograms("psql", "pg_isready", "redis-server", "nginx", "python3", "setpriv"),
];

async function visits(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  return await response.text();
}

/** Makes a directory in which `sv` is the program under test. */
async function makeSv(place: string): Promise<string> {
  const bin = join(place, "bin");
  const command = quoted(svCommand("").slice(0, -1));
  await writeFiles(bin, { sv: `#!/bin/sh\nexec ${command} "$@"\n` });
  return bin;
}

testNeeding(
  needs,
  "postgresql, redis, an application and nginx: started, changed, stopped",
  async () => {
    await using place = await temporaryDirectory("sv-stack-");
    // The servers run as other users.
    await Deno.chmod(place.path, 0o755);
    const port = freePort();
    const env = {
      STACK_DIR: join(place.path, "run"),
      STACK_PORT: String(port),
      PATH: `${await makeSv(place.path)}:${Deno.env.get("PATH")}:/usr/sbin`,
    };
    const scandir = join(place.path, "scan");
    const live = join(place.path, "live");
    const definitions = join(place.path, "source");
    await Deno.mkdir(scandir);
    await copy(source, definitions);
    const sv = (...args: string[]) => run(["sv", ...args], { env, deadline: 2 * DEADLINE });
    const rc = (verb: string, ...args: string[]) => sv("rc", verb, "-l", live, ...args);
    const scan = start(["sv", "scan", scandir], env);
    try {
      await until(
        async () => (await sv("scanctl", "-z", scandir)).code === 0,
        `a scan of ${scandir}`,
      );
      const check = await sv("rc", "check", definitions);
      assertMatch(check.stderr, / 0 errors, 0 warnings/);
      assertEquals((await rc("init", scandir, definitions)).code, 0);

      const started = await rc("start", "stack");
      // A database takes its time on a busy machine; it is told of after ten seconds.
      const rest = started.stderr.replaceAll(/^sv rc start: still waiting for .*\n/gm, "");
      assertEquals([started.code, rest], [0, ""]);
      // The first request succeeds: `sv rc start` returns when everything is ready.
      assertEquals(await visits(port), "visits: 1, rows: 1\n");

      const plot = await rc("plot", "-o", join(place.path, "start.svg"));
      assertMatch(plot.stderr, /Critical path: .*app → nginx/);

      // A change of the application restarts what stands in front of it, and nothing behind it.
      const pidOf = async (name: string) => (await sv("stat", "-p", join(scandir, name))).stdout;
      const before = await Promise.all(["postgresql", "redis", "app", "nginx"].map(pidOf));
      const program = join(definitions, "app/data/app.py");
      const text = await Deno.readTextFile(program);
      await Deno.writeTextFile(program, text.replace('"visits: {', '"changed; visits: {'));
      const updated = await rc("update");
      assertEquals([updated.code, updated.stderr], [
        0,
        "sv rc update: restart app: its data/app.py has changed\n" +
        "sv rc update: restart nginx: it depends on 'app'\n",
      ]);
      assertEquals(await visits(port), "changed; visits: 2, rows: 2\n");
      const after = await Promise.all(["postgresql", "redis", "app", "nginx"].map(pidOf));
      assertEquals(before.map((pid, index) => pid === after[index]), [true, true, false, false]);

      const pruned = await rc("change", "-p", "redis");
      assertEquals([pruned.code, pruned.stderr], [0, ""]);
      assertEquals((await rc("list", "-a")).stdout, "redis\ndirectory\n");
      assertEquals((await rc("start", "stack")).code, 0);
      assertEquals(await visits(port), "changed; visits: 3, rows: 3\n");

      const stopped = await rc("stop", "-a");
      assertEquals([stopped.code, stopped.stderr], [0, ""]);
      assertEquals((await rc("list", "-a")).stdout, "");
      assert(await fetch(`http://127.0.0.1:${port}/`).then(() => false, () => true));
    } finally {
      await sv("scanctl", "-t", scandir);
      await until(async () => (await sv("scanctl", "-z", scandir)).code !== 0, "the scan to end");
      await scan.status;
    }
  },
);
