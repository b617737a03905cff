/** What `sv rc status`, `sv status`, `sv wait` and their JSON say of services that belong to `sv rc`. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { longrun } from "../../rc/definitions_folder.ts";
import { LiveServices } from "../../rc/live_services.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { start } from "../../support/start.ts";
import { until } from "../../support/until.ts";

const script = (name: string, line: string) => ({ [`${name}/run`]: `#!/bin/sh\n${line}\n` });
const oneshot = (name: string, up: string) => ({
  [`${name}/type`]: "oneshot\n",
  [`${name}/up`]: `${up}\n`,
});

const DEFINITIONS = {
  ...longrun("base"),
  ...longrun("db"),
  ...script("db", "exit 7"),
  ...longrun("app", ["db"]),
  ...longrun("web", ["app", "base"]),
  ...oneshot("bad", 'sh -c "exit 32"'),
  ...oneshot("hung", 'sh -c "exec sleep 1000 >/dev/null 2>&1"'),
  ...oneshot("good", "true"),
  ...longrun("after-bad", ["bad"]),
  ...longrun("after-hung", ["hung"]),
  ...longrun("after-gone", ["gone"]),
  ...longrun("gone"),
  ...longrun("idle"),
  "some/type": "bundle\n",
  "some/contents.d/base": "",
  "some/contents.d/idle": "",
};

interface Seen {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly next: string | null;
}

/** What each cause is said to be: the state, and the reason, which has the fact that solves it. */
const CAUSES: Record<string, readonly [state: string, reason: RegExp]> = {
  "app": [
    "blocked",
    /^it needs db, and db is crashing: died \d+ times, each time with exit code 7/,
  ],
  "web": ["blocked", /^it needs app, which needs db, and db is crashing: died .* exit code 7/],
  "after-bad": ["blocked", /^it needs bad, and bad has failed: .*: its script exited 32/],
  "after-hung": [
    "blocked",
    /^it needs hung, and hung is starting: its script up has not ended for .*: process \d+ still runs/,
  ],
  "after-gone": ["blocked", /^it needs gone, and gone is unsupervised: its supervisor is gone/],
};

/** The same of what is no longrun. */
const OTHERS: typeof CAUSES = {
  "bad": ["failed", /^sv rc could not start it .* ago: its script exited 32$/],
  "hung": ["starting", /^its script up has not ended for .*: process \d+ still runs$/],
  "good": ["ready", /^its script has succeeded .* ago$/],
  "some": ["partial", /^1 of 2 up; down: idle$/],
};

function assertSeen(seen: ReadonlyMap<string, Seen>, causes: typeof CAUSES): void {
  for (const [name, [state, reason]] of Object.entries(causes)) {
    assertEquals(seen.get(name)?.state, state, name);
    assertMatch(seen.get(name)!.reason, reason);
    if (state !== "ready" && state !== "partial") assert(seen.get(name)!.next, name);
  }
}

const byName = (json: string) =>
  new Map((JSON.parse(json).services as Seen[]).map((service) => [service.name, service]));

/** Ends the scripts that were left running. */
async function endScripts(services: LiveServices): Promise<void> {
  const record = await Deno.readTextFile(join(services.live, "scripts/hung"));
  Deno.kill(Number(/^\d+/.exec(record)![0]), "SIGKILL");
}

Deno.test("what waits in vain is explained by the first cause, everywhere", async () => {
  await using services = await LiveServices.start(DEFINITIONS);
  const { live, scandir } = services;
  // The supervisor of `gone` ends, and none comes back.
  await Deno.remove(join(scandir, "gone"));
  await run([...sv, "scanctl", "-an", scandir]);
  await until(
    async () => (await run([...sv, "ok", join(live, "servicedirs/gone")])).code === 1,
    "the end of a supervisor",
  );
  const started = await services.rc(
    "start",
    ...["-t", "4000", "web", "good", "after-bad", "after-hung", "after-gone"],
  );
  assertEquals(started.code, 2);
  const lines = started.stderr;
  assertMatch(lines, /service db: \w+: .*died .*with exit code 7/);
  assertMatch(lines, /not started, because of db: app and web\n/);
  assertMatch(
    lines,
    /service hung: starting: its script up has not ended for .*: process \d+ still/,
  );
  assertMatch(lines, /not started, because of bad: after-bad\n/);
  assertMatch(lines, /not started, because of hung: after-hung\n/);
  try {
    const env = { SVDIR: scandir };
    await until(async () => {
      const { stdout } = await services.rc("status", "--json", "db");
      return byName(stdout).get("db")!.state === "crashing";
    }, "db to have died three times");
    assertSeen(byName((await run([...sv, "status", "--json"], { env })).stdout), CAUSES);
    const all = byName((await services.rc("status", "--json")).stdout);
    assertSeen(all, { ...CAUSES, ...OTHERS });
    assertEquals(all.size, 13);
    const table = (await services.rc("status")).stdout;
    assertMatch(table, /^NAME +TYPE +STATE .*\n/);
    for (const [name, [state]] of Object.entries({ ...CAUSES, ...OTHERS })) {
      assertMatch(table, new RegExp(`^${name} +\\w+ +${state} `, "m"));
    }
    for (const [name, [state, reason]] of Object.entries(CAUSES)) {
      const named = (await run([...sv, "status", name], { env })).stdout;
      assertMatch(named, new RegExp(`\n    ${state}: ${reason.source.slice(1)}`));
      assertMatch(named, new RegExp(`\n    once that is mended, \`sv start ${name}\` starts it`));
    }
    const waited = await run([...sv, "wait", "-U", "-t", "1", join(scandir, "web")]);
    assertEquals(waited.code, 99);
    assertMatch(waited.stderr, /web: blocked: it needs app, which needs db, and db is crashing: /);
    const details = (await services.rc("status", "web", "some")).stdout;
    assertMatch(details, /^web: longrun, wanted up\n {4}blocked: it needs app/);
    assertMatch(
      details,
      /\n {4}needs: app \(blocked\) and base \(ready\)\n/,
    );
    assertMatch(details, /\n {4}contains: base \(ready\) and idle \(down\)\n/);
    const quiet = async (...names: string[]) => (await services.rc("status", "-q", ...names)).code;
    assertEquals(
      [await quiet("web"), await quiet("bad"), await quiet("base", "good", "idle", "some")],
      [1, 1, 0],
    );
    assertEquals((await services.rc("status", "nobody")).code, 3);
    assertEquals((await services.rc("status", "--json", "-q")).code, 100);
  } finally {
    await endScripts(services);
  }
  // What is stopped is wanted no more.
  await services.rc("stop", "-a", "db", "bad");
  const after = byName((await services.rc("status", "--json")).stdout);
  assertEquals(["web", "db", "bad"].map((name) => after.get(name)!.state), [
    "down",
    "down",
    "down",
  ]);
});

Deno.test("while a start goes on, what waits is waiting", async () => {
  await using services = await LiveServices.start({
    ...longrun("slow"),
    ...script("slow", "while [ ! -e go ]; do sleep 0.05; done; echo >&3; exec sleep 1000"),
    ...longrun("web", ["slow"]),
  });
  const command = start(services.command("start", "web"), {});
  const web = async () => byName((await services.rc("status", "--json")).stdout).get("web")!;
  await until(async () => (await web()).state === "waiting", "web to wait");
  assertMatch(
    (await web()).reason,
    /^it needs slow, and slow is starting: not ready for .* newline/,
  );
  assertEquals((await services.rc("status", "-q")).code, 1);
  await Deno.writeTextFile(join(services.directory("slow"), "go"), "");
  assertEquals((await command.status).code, 0);
  assertEquals([(await web()).state, (await services.rc("status", "-q")).code], ["ready", 0]);
});

Deno.test("a service that failed is told of with the reason and its last output", async () => {
  await using services = await LiveServices.start({
    ...longrun("web"),
    ...script("web", `exec >"$PWD"/out; echo no port; exec sleep 1000`),
    "web/timeout-up": "2000\n",
  });
  const started = await services.rc("start", "web");
  assertEquals(started.code, 1);
  assertMatch(started.stderr, /unable to start service web: it was not ready after 2000 milli/);
  assertMatch(started.stderr, /service web: starting: not ready for .*: no newline has come on/);
  assertMatch(started.stderr, /service web has printed: no port\n/);
  await until(
    async () => (await services.pid("web")) === undefined,
    "web to be down",
  );
  const { failure, reason, state } = JSON.parse(
    (await services.rc("status", "--json", "web")).stdout,
  ).services[0];
  assertEquals([state, failure.reason], ["failed", "it was not ready after 2000 milliseconds"]);
  assertEquals(failure.output, ["no port"]);
  assertMatch(
    reason,
    /^sv rc could not start it .* ago: it was not ready after 2000 milliseconds$/,
  );
});
