import { assert, assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { CWD, Descriptor, Open, open, tryRead } from "../../../lib/os/file.ts";
import { statOf } from "../../../lib/os/process_stat.ts";
import { DEADLINE } from "../../support/deadline.ts";
import { writeFiles } from "../../support/files.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { sv } from "../../support/program.ts";
import { type Finished, run, type RunOptions } from "../../support/run.ts";
import { Scan, scans } from "../../support/scan.ts";
import { ScanDirectory } from "../../support/scan_directory.ts";
import { until } from "../../support/until.ts";

/** A template that writes down what `run` and `finish` get, and is ready at once. */
const TEMPLATE = {
  run: '#!/bin/sh\necho "$@" >>started\necho >&3\nexec 3>&-\nexec sleep 100000\n',
  finish: '#!/bin/sh\necho "$3" >>../../ended\n',
  "notification-fd": "3\n",
};

const LOGGER = { "log/run": '#!/bin/sh\necho "$@" >started\nexec cat\n' };

function instance(directory: ScanDirectory, args: string, options?: RunOptions): Promise<Finished> {
  return run([...sv, "instance", ...args.split(" ")], {
    ...options,
    env: { SVDIR: directory.path },
  });
}

/** Runs `sv instance`, which must succeed. Returns what it has printed. */
async function done(directory: ScanDirectory, args: string): Promise<string> {
  const { code, stdout, stderr } = await instance(directory, args);
  assertEquals({ code, stderr }, { code: 0, stderr: "" }, args);
  return stdout;
}

function visible(directory: ScanDirectory): string[] {
  return [...Deno.readDirSync(directory.path)].map(({ name }) => name)
    .filter((name) => ![".s6-svscan", ".sv-instances.lock"].includes(name)).sort();
}

Deno.test("instances are services of the scan; the template is none", async () => {
  await using directory = await ScanDirectory.make({ "web@": { ...TEMPLATE, ...LOGGER } });
  await using _scan = await Scan.start(directory.path);
  await done(directory, `create -w U -t ${DEADLINE} web@one web@two@2`);
  assertEquals(await directory.read("web@one/started"), "one\n");
  assertEquals(await directory.read("web@two@2/started"), "two@2\n");
  await directory.contains("web@one/log/started", (text) => text === "one/log\n", "its name");
  assertEquals(await done(directory, "list"), "web@one\nweb@two@2\n");
  assertEquals(await done(directory, "list web"), "web@one\nweb@two@2\n");
  assert(!existsSync(`${directory.path}/web@/supervise`));
  const { stdout } = await run([...sv, "list"], { env: { SVDIR: directory.path } });
  assertEquals(stdout, "web@one\nweb@one/log\nweb@two@2\nweb@two@2/log\n");
  const env = { SVDIR: directory.path };
  const status = await run([...sv, "status", "--json", "web@o*"], { env });
  assertEquals(
    JSON.parse(status.stdout).services.map(({ name }: { name: string }) => name),
    ["web@one"],
  );
  assertMatch(await done(directory, "status -o up,ready web@one"), /^true true$/m);
  await done(directory, "control -wD -d web@*");
  assertEquals((await run([...sv, "start", "web@one"], { env })).code, 0);
  await done(directory, "delete web@*");
  assertEquals(visible(directory), ["web@"]);
});

Deno.test("a change of the template, a new file, and a file of one instance reach its next start", async () => {
  await using directory = await ScanDirectory.make({ "web@": TEMPLATE });
  await using _scan = await Scan.start(directory.path);
  await done(directory, `create -w U -t ${DEADLINE} web@one web@two`);
  await writeFiles(directory.service("web@"), {
    run: "#!/bin/sh\ncat config >started\necho >&3\nexec 3>&-\nexec sleep 100000\n",
    config: "of all\n",
    "data/sv/instances/two/config": "of two\n",
  });
  await done(directory, "control -wR -r web@one web@two");
  assertEquals(await directory.read("web@one/started"), "of all\n");
  assertEquals(await directory.read("web@two/started"), "of two\n");
});

testNeeding(
  [missingPrograms("s6-svscan")],
  "s6-svscan runs the same instances, and a template with a file down is none of them",
  async () => {
    await using directory = await ScanDirectory.make({ "web@": { ...TEMPLATE, down: "" } });
    await using _scan = await Scan.start(directory.path, { command: scans.s6 });
    await done(directory, `create -w U -t ${DEADLINE} web@one`);
    // It knows no instances: they get the whole name.
    assertEquals(await directory.read("web@one/started"), "web@one\n");
    assert(!existsSync(`${directory.service("web@")}/started`));
    await done(directory, "delete web@one");
    assertEquals(await Deno.readTextFile(`${directory.parent}/ended`), "web@one\n");
    assertEquals(visible(directory), ["web@"]);
  },
);

Deno.test("instances outlive the scan, and the next one takes them over", async () => {
  await using directory = await ScanDirectory.make({ "web@": TEMPLATE });
  const first = await Scan.start(directory.path);
  await done(directory, `create -w U -t ${DEADLINE} web@one`);
  const before = await directory.ready("web@one");
  first.signal("SIGKILL");
  await first.exited();
  const refused = await instance(directory, "delete web@one");
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /process \d+ of it still runs, without a supervisor/);
  await using scan = await Scan.start(directory.path);
  await scan.says("taking it over");
  assertEquals((await directory.status("web@one")).pid, before.pid);
  await done(directory, "control -wR -r web@one");
  assertEquals(await directory.read("web@one/started"), "one\none\n");
  await done(directory, "delete web@one");
});

Deno.test("what is made offline runs when a scan starts", async () => {
  await using directory = await ScanDirectory.make({ "web@": TEMPLATE });
  assertEquals((await instance(directory, "create web@one")).code, 111);
  await done(directory, "create -n web@one");
  await done(directory, "create -n -D web@two");
  await using _scan = await Scan.start(directory.path);
  await directory.ready("web@one");
  await until(() => existsSync(`${directory.service("web@two")}/supervise/status`), "web@two");
  assertEquals((await directory.status("web@two")).pid, 0);
});

Deno.test("-d and -D leave an instance down, and only -D for good", async () => {
  await using directory = await ScanDirectory.make({ "web@": TEMPLATE });
  await using _scan = await Scan.start(directory.path);
  await done(directory, "create -d web@low");
  await done(directory, "create -D web@stay");
  const fields = "status -o up,wantedup,normallyup";
  assertEquals(await done(directory, `${fields} web@low`), "false false true\n");
  assertEquals(await done(directory, `${fields} web@stay`), "false false false\n");
});

Deno.test("of several names of which one is wrong, none is made", async () => {
  await using directory = await ScanDirectory.make({ "web@": TEMPLATE, "bare@": { data: "" } });
  await using _scan = await Scan.start(directory.path);
  await done(directory, `create -w U -t ${DEADLINE} web@one`);
  const wrong = {
    "web@two web@one": /there is|exists already/,
    "web@two nothing@x": /there is no template/,
    "web@two bare@x": /has no executable file run/,
    "web@two web@.x": /begins with a dot/,
    "web@two web": /is no instance/,
    [`web@two web@${"x".repeat(250)}`]: /longer than 251 bytes/,
  };
  for (const [names, message] of Object.entries(wrong)) {
    const { code, stderr } = await instance(directory, `create ${names}`);
    assertEquals(code, 100, names);
    assertMatch(stderr, message);
  }
  assertEquals(visible(directory), ["bare@", "web@", "web@one"]);
});

Deno.test("an instance that is not supervised in time is taken out again", async () => {
  await using directory = await ScanDirectory.make({ "web@": TEMPLATE });
  await using scan = await Scan.start(directory.path);
  scan.signal("SIGSTOP");
  const late = await instance(directory, "create -t 300 web@one");
  assertEquals(late.code, 99);
  assertMatch(late.stderr, /timed out after 300 milliseconds .*web@one: took them out again/);
  scan.signal("SIGCONT");
  assert(!existsSync(directory.service("web@one")));
  await done(directory, `create -w U -t ${DEADLINE} web@one`);
  assertEquals(await directory.read("web@one/started"), "one\n");
});

Deno.test("the scan is told of instances before all are made, and not of each", async () => {
  await using directory = await ScanDirectory.make({ "web@": TEMPLATE });
  await using scan = await Scan.start(directory.path);
  scan.signal("SIGSTOP");
  await until(() => statOf(scan.pid)?.state === "T", "the scan to stand still");
  using control = new Descriptor(
    open(CWD, `${directory.path}/.s6-svscan/control`, Open.READ | Open.NONBLOCK),
  );
  const commands = new Uint8Array(64);
  // What it was asked before, and has not read.
  tryRead(control.fd, commands);
  const names = Array.from({ length: 100 }, (_, index) => `web@${index}`);
  assertEquals((await instance(directory, `create -t 2500 ${names.join(" ")}`)).code, 99);
  const count = tryRead(control.fd, commands);
  // After 32, after 64, of all; and that they are taken out again.
  assertEquals(new TextDecoder().decode(commands.subarray(0, count)), "aaa" + "an");
  assertEquals(visible(directory).filter((name) => /^web@\d/.test(name)), []);
});

Deno.test("instances that a scan starts in any order are all waited for, with their loggers", async () => {
  await using directory = await ScanDirectory.make({ "web@": { ...TEMPLATE, ...LOGGER } });
  await using _scan = await Scan.start(directory.path);
  const names = Array.from({ length: 50 }, (_, index) => `web@${index}`);
  await done(directory, `create -t ${DEADLINE} ${names.join(" ")}`);
  const missing = names.flatMap((name) => [name, `${name}/log`])
    .filter((name) => !existsSync(`${directory.service(name)}/supervise/status`));
  assertEquals(missing, []);
  const listeners = names.flatMap((
    name,
  ) => [...Deno.readDirSync(`${directory.service(name)}/event`)]);
  assertEquals(listeners, []);
});

Deno.test("more instances are created than files may be open", async () => {
  await using directory = await ScanDirectory.make({ "web@": { ...TEMPLATE, ...LOGGER } });
  const names = Array.from({ length: 300 }, (_, index) => `web@${index}`);
  const limited = ["sh", "-c", 'ulimit -n 128 && exec "$@"', "sh"];
  const { code, stderr } = await run(
    [...limited, ...sv, "instance", "create", "-n", ...names],
    { env: { SVDIR: directory.path } },
  );
  assertEquals([code, stderr], [0, ""]);
  assertEquals(visible(directory).length, 301);
});

Deno.test("a create that is killed leaves whole instances or none, and can be repeated", async () => {
  await using directory = await ScanDirectory.make({ "web@": { ...TEMPLATE, ...LOGGER } });
  const names = Array.from({ length: 300 }, (_, index) => `web@${index}`);
  for (const step of [1, 2, 3, 4]) {
    const child = new Deno.Command(sv[0]!, {
      args: [...sv.slice(1), "instance", "create", "-n", ...names],
      env: { SVDIR: directory.path },
      stdout: "null",
      stderr: "null",
    }).spawn();
    const made = () => visible(directory).filter((name) => /^web@\d/.test(name)).length;
    // Killed as soon as some more are there: in the middle of the next. `names` are still to be made.
    const enough = 300 - names.length + Math.min(10 * step, names.length - 1);
    await until(() => made() > enough, "some instances");
    try {
      child.kill("SIGKILL");
    } catch {
      // It has made them all already.
    }
    await child.status;
    const whole = visible(directory).filter((name) => /^web@\d/.test(name));
    for (const name of whole) {
      const own = name.slice("web@".length);
      assertEquals(await directory.read(`${name}/supervise/instance`).then(firstLine), own);
      assertEquals(Deno.readLinkSync(`${directory.service(name)}/run`), "../web@/run");
      assertEquals(Deno.readLinkSync(`${directory.service(name)}/log/run`), "../../web@/log/run");
    }
    names.splice(0, names.length, ...names.filter((name) => !whole.includes(name)));
    // The machine was quicker than the kill.
    if (names.length === 0) break;
  }
  if (names.length > 0) await done(directory, `create -n ${names.join(" ")}`);
  assertEquals(visible(directory).filter((name) => name.startsWith(".")), []);
  assertEquals((await done(directory, "list")).trim().split("\n").length, 300);
});

const firstLine = (text: string) => text.split("\n", 1)[0]!;
