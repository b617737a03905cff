/** Services in every state that a scan can show, as `sv status` tells of them. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { atATime } from "../../support/at_a_time.ts";
import { missingPrograms, missingRoot, testNeeding } from "../../support/needs.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { readyService, ScanDirectory, silentService } from "../../support/scan_directory.ts";
import { until } from "../../support/until.ts";

const script = (line: string) => ({ run: `#!/bin/sh\n${line}\n` });
const notifying = { "notification-fd": "3\n" };

/** Answers in place of a service: it belongs to this process. */
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr;

/** Services by what becomes of them, and what is said of each. */
const services: Record<string, readonly [files: Record<string, string>, reason: RegExp]> = {
  "ready": [readyService, /^ready for .*, .* after its start$/],
  "up": [silentService, /^up for .*: there is no notification-fd, so nothing tells/],
  "starting": [
    { ...silentService, ...notifying },
    /^not ready for .*: no newline has come on descriptor 3 \(notification-fd\)$/,
  ],
  "starting polled": [
    { ...silentService, "data/sv/notifyoncheck": "--file /no/such/file -w 100 -n 0" },
    /^not ready for .*: asked \d+ times?, there is no file \/no\/such\/file$/,
  ],
  "starting hung": [
    {
      ...silentService,
      "data/sv/notifyoncheck": "",
      "data/check": "#!/bin/sh\nexec sleep 100000\n",
    },
    /^not ready for .*: check 1 has been running for .*s$/,
  ],
  "starting port": [
    { ...silentService, "data/sv/notifyoncheck": `--tcp ${port} -w 100 -n 0` },
    /^not ready for .*: asked \d+ times?, port \d+ is answered by .* \(pid \d+\), which isn't part of/,
  ],
  "starting socket": [
    { ...script("exec sleep 100000 # sv notify-fd-from-socket"), ...notifying },
    /^not ready for .*: it has not sent READY=1 to its \$NOTIFY_SOCKET/,
  ],
  "starting elsewhere": [
    { ...script("exec 4>/dev/null; echo >&4; exec sleep 100000"), ...notifying },
    /^not ready for .*: no newline has come on descriptor 3 .*; run writes to descriptor 4$/,
  ],
  "stuck gave up": [
    {
      ...silentService,
      "data/sv/notifyoncheck": "-w 20 -n 2",
      "data/check": "#!/bin/sh\necho no tables yet; exit 3\n",
    },
    /^not ready for .*: asked 2 times, .*: no tables yet; asking has ended \(gave up\)$/,
  ],
  "stuck options": [
    { ...silentService, "data/sv/notifyoncheck": "--htp http://127.0.0.1/" },
    /^not ready for .*: it is not asked, because of data\/sv\/notifyoncheck: unknown option --htp$/,
  ],
  "up unheard": [
    script("echo >&3; exec sleep 100000"),
    /^up for .*: there is no notification-fd, .*, though run writes to descriptor 3$/,
  ],
  "up wrong files": [
    { ...silentService, "notification-fd": "three\n", "timeout-kill": "5s\n" },
    /^up for .*; invalid notification-fd: "three" is not .*; invalid timeout-kill: "5s" is not an/,
  ],
  "paused": [
    script("kill -STOP $$"),
    /^process \d+ is stopped, by a signal that its supervisor has not sent$/,
  ],
  "restarting": [
    { ...script("exit 1"), finish: "#!/bin/sh\nexec sleep 100000\n", "timeout-finish": "0\n" },
    /^run ended with exit code 1 .* ago, and finish \(process \d+\) still runs$/,
  ],
  "crashing not found": [
    script("exec /no/such/program"),
    /died \d+ times, each time with exit code 127 \(run starts a program that was not found\), last/,
  ],
  "crashing killed": [
    script("kill -KILL $$"),
    /died \d+ times, each time by SIGKILL \(out of memory\? the kernel's log tells, dmesg\), last/,
  ],
  "crashing mute": [
    script("exec sv notifyoncheck sleep 100000; exit 111"),
    /died \d+ times, .*; run calls sv notifyoncheck, and there is no file notification-fd$/,
  ],
  "crashing logged": [
    {
      ...script("exit 3"),
      "log/run": "#!/bin/sh\nexec cat >>out/current\n",
      "log/out/current": "starting\ncannot open /etc/web.conf\n",
    },
    /died \d+ times, .*; the last line in its log: cannot open \/etc\/web\.conf$/,
  ],
  "broken line ends": [
    { run: "#!/bin/sh\r\nexec sleep 100000\r\n" },
    /^cannot start \.\/run: its first line, "#!\/bin\/sh\\r", ends in a carriage return/,
  ],
  "broken interpreter": [
    { run: "#!/no/such/interpreter\n" },
    /^cannot start \.\/run: its interpreter, \/no\/such\/interpreter, does not exist/,
  ],
  "broken descriptors": [
    { ...silentService, ...notifying, "lock-fd": "3\n" },
    /^cannot start the service: notification-fd and lock-fd are both 3/,
  ],
  "failed deaths": [
    {
      ...script("exit 4"),
      finish: "#!/bin/sh\ntest -e third && exit 125\nmv second third 2>/dev/null || >second\n",
    },
    /^it was given up: finish said .*; died 3 times, each time with exit code 4, last .* ago$/,
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

/** Whether something is said of a service as the table has it. */
function isTold(name: string, said: Pick<Seen, "state" | "reason"> | undefined): boolean {
  const [, reason] = services[name]!;
  return said?.state === name.split(" ")[0] && reason.test(said!.reason);
}

Deno.test("status and wait tell the state of each service, and the fact that explains it", async () => {
  await using directory = await ScanDirectory.make(
    Object.fromEntries(Object.entries(services).map(([name, [files]]) => [name, files])),
  );
  await using _scan = await Scan.start(directory.path);
  const names = Object.keys(services);
  const untold = new Map<string, Seen | undefined>(names.map((name) => [name, undefined]));
  await until(async () => {
    const said = await seen(directory);
    for (const name of [...untold.keys()]) {
      untold.set(name, said.get(name));
      if (isTold(name, said.get(name))) untold.delete(name);
    }
    return untold.size === 0;
  }, "all services to be told of").catch((error) => {
    throw new Error(`${error.message}; the last were ${JSON.stringify([...untold.values()])}`);
  });
  const { code, stdout } = await run([...sv, "status"], env(directory));
  assertEquals(code, 0);
  const states = stdout.trimEnd().split("\n").slice(1).map((line) => line.split(/ {2,}/)[1]);
  // One has a logger.
  assertEquals(states.length, names.length + 1);
  assertEquals([states[0], states.at(-1)], ["failed", "down"]);
  assertEquals((await run([...sv, "status", "-q"], env(directory))).code, 1);
  assertEquals((await run([...sv, "status", "-q", "ready", "up", "down"], env(directory))).code, 0);

  const wait = async (name: string) => {
    const args = ["wait", "-U", "-t", "1", directory.service(name)];
    let text = "";
    await until(async () => {
      const { code, stderr } = await run([...sv, ...args]);
      assertEquals(code, 99, stderr);
      text = stderr;
      const [, state = "", reason = ""] = /^sv wait: \S+\/[^:]*: (\w+): (.*)$/m.exec(text) ?? [];
      // What happens next follows the reason.
      const ends = [...reason.matchAll(/;|$/g)].map(({ index }) => reason.slice(0, index));
      return ends.some((reason) => isTold(name, { state, reason }));
    }, `sv wait to tell of ${name}`).catch((error) => {
      throw new Error(`${error.message}; the last was ${text}`);
    });
  };
  await Promise.all(atATime(2, names.filter((name) => name !== "ready"), wait));
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

/** Root without the rights of root: modes of files hold for it. */
const WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];

testNeeding(
  [missingRoot("to give a directory to another user"), missingPrograms("setpriv")],
  "a user who may not look into a service is told so",
  async () => {
    await using directory = await ScanDirectory.make({ web: readyService });
    await using _scan = await Scan.start(directory.path);
    await directory.ready("web");
    await Deno.chown(`${directory.service("web")}/supervise`, 64_317, 64_317);
    const status = [...WITHOUT_RIGHTS, ...sv, "status", "web"];
    const { code, stdout } = await run(status, env(directory));
    assertEquals(code, 1);
    assertStringIncludes(stdout, "    unknown: its state can't be read: Permission denied\n");
    assertStringIncludes(stdout, "    ask as root or as its owner, or have `sv perms` allow it\n");
    await Deno.chown(`${directory.service("web")}/supervise`, 0, 0);
  },
);

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
