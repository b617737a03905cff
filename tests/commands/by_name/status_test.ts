/** Services in every state that a scan can show, as `sv status` tells of them. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { readyService, ScanDirectory, silentService } from "../../support/scan_directory.ts";
import { until } from "../../support/until.ts";

const script = (line: string) => ({ run: `#!/bin/sh\n${line}\n` });
const notifying = { "notification-fd": "3\n" };

/** Services by what becomes of them, and what is said of each. */
const services: Record<string, readonly [files: Record<string, string>, reason: RegExp]> = {
  "ready": [readyService, /^ready for .*, \d+ ms after its start$/],
  "up": [silentService, /^up for .*: there is no notification-fd, so nothing tells/],
  "starting": [
    { ...silentService, ...notifying },
    /^not ready for .*: no newline has come on descriptor 3 \(notification-fd\)$/,
  ],
  "starting polled": [
    { ...silentService, "data/sv/notifyoncheck": "--file /no/such/file -w 100 -n 0" },
    /^not ready for .*: asked \d+ times?, there is no file \/no\/such\/file$/,
  ],
  "stuck": [
    script("exec sleep 100000 # sv notifyoncheck"),
    /^not ready for .*: run calls sv notifyoncheck, and there is no file notification-fd/,
  ],
  "stuck closed": [
    { ...script("exec 3>&-; exec sleep 100000"), ...notifying },
    /^not ready for .*: it has closed descriptor 3 \(notification-fd\) without a newline$/,
  ],
  "crashing": [script("exit 3"), /died \d+ times, each time with exit code 3, last .* ago/],
  "crashing background": [
    script("sleep 100000 & exit 0"),
    /died \d+ times, each time with exit code 0, .*; 1 process of its last life still runs: sleep \(\d+\)$/,
  ],
  "broken": [{ "notification-fd": "3\n" }, /^cannot start \.\/run: there is no such file$/],
  "failed": [
    { ...script("exit 4"), finish: "#!/bin/sh\nexit 125\n" },
    /^it was given up: finish said .* \(exit code 125\); its last life ended with exit code 4$/,
  ],
  "down": [{ ...silentService, down: "" }, /^not started yet; the file down keeps it from being/],
};

interface Seen {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly next: string | null;
}

const env = (directory: ScanDirectory) => ({ env: { SVDIR: directory.path } });

async function seen(directory: ScanDirectory): Promise<Map<string, Seen>> {
  const { stdout } = await run([...sv, "status", "--json"], env(directory));
  const { version, services } = JSON.parse(stdout);
  assertEquals(version, 1);
  return new Map(services.map((service: Seen) => [service.name, service]));
}

Deno.test("status tells the state of each service, and the fact that explains it", async () => {
  await using directory = await ScanDirectory.make(
    Object.fromEntries(Object.entries(services).map(([name, [files]]) => [name, files])),
  );
  await using _scan = await Scan.start(directory.path);
  for (const [name, [, reason]] of Object.entries(services)) {
    let last: Seen | undefined;
    await until(async () => {
      last = (await seen(directory)).get(name);
      return last !== undefined && last.state === name.split(" ")[0] && reason.test(last.reason);
    }, `${name} to be told of`).catch((error) => {
      throw new Error(`${error.message}; the last was ${JSON.stringify(last)}`);
    });
  }
  const { code, stdout } = await run([...sv, "status"], env(directory));
  assertEquals(code, 0);
  const states = stdout.trimEnd().split("\n").slice(1).map((line) => line.split(/ {2,}/)[1]);
  assertEquals(states.length, Object.keys(services).length);
  assertEquals([states[0], states.at(-1)], ["failed", "down"]);
  assertEquals((await run([...sv, "status", "-q"], env(directory))).code, 1);
  assertEquals((await run([...sv, "status", "-q", "ready", "up", "down"], env(directory))).code, 0);
});

Deno.test("status of a name tells all about it, and what happens next", async () => {
  await using directory = await ScanDirectory.make({
    term: {
      ...script("trap '' TERM; echo >&3; while :; do sleep 0.1; done"),
      ...notifying,
      "timeout-kill": "50000\n",
    },
    web: silentService,
    "web/log": { run: "#!/bin/sh\nexec cat >>out/current\n", "out/current": "first\nlast\n" },
  });
  await using scan = await Scan.start(directory.path);
  const status = async (...names: string[]) =>
    await run([...sv, "status", ...names], env(directory));
  await directory.ready("term");
  await directory.send("term", "d");
  const stopping = await until(async () => {
    const { stdout } = await status("term");
    return /told to go down/.test(stdout) && stdout;
  }, "term to be told to go down");
  assertMatch(stopping, /^run: term: \(pid \d+\) \d+s, want down, got TERM\n/);
  assertMatch(stopping, /\n {4}stopping: told to go down by SIGTERM .* ago, and process \d+ still/);
  assertMatch(stopping, /\n {4}killed in .* s \(timeout-kill\)\n/);
  await directory.send("web", "p");
  const paused = await until(async () => {
    const { stdout } = await status("web");
    return /paused/.test(stdout) && /\| last/.test(stdout) && stdout;
  }, "web to be paused, and its logger to be up");
  assertMatch(paused, /^run: web: \(pid \d+\) \d+s, paused; run: log: \(pid \d+\) \d+s\n/);
  assertStringIncludes(paused, "`sv cont web` continues it\n");
  assertStringIncludes(paused, "    | first\n    | last\n");
  const missing = await status("wbe");
  assertEquals(missing.code, 1);
  assertMatch(missing.stdout, /^fail: wbe: .*\n {4}missing: there is no directory .*\/wbe\n/);
  scan.signal("SIGKILL");
  await scan.exited();
  const { stdout } = await status("term");
  assertMatch(
    stdout,
    /\n {4}abandoned: its supervisor is gone, and process \d+ of it still runs\n/,
  );
});

Deno.test("list prints the names, those of loggers included", async () => {
  await using directory = await ScanDirectory.make({ b: silentService, a: silentService });
  Deno.mkdirSync(`${directory.path}/b/log`);
  Deno.writeTextFileSync(`${directory.path}/b/log/run`, "#!/bin/sh\n");
  Deno.mkdirSync(`${directory.path}/.hidden`);
  const { code, stdout } = await run([...sv, "list"], env(directory));
  assertEquals([code, stdout], [0, "a\nb\nb/log\n"]);
  assertEquals((await run([...sv, "list", directory.path])).stdout, stdout);
});

Deno.test("status without a scan directory says which one it looked for", async () => {
  const { code, stderr } = await run([...sv, "status"], { env: { SVDIR: "/no/such" } });
  assertEquals(code, 111);
  assert(stderr.includes("/no/such"), stderr);
});
