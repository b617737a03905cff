/** `sv scan DIR -- COMMAND`: the command runs when the services are ready, and ends the scan. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { exists } from "@std/fs/exists";
import { refused, testNeeding } from "../support/needs.ts";
import { isAlive } from "../support/processes.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { Scan } from "../support/scan.ts";
import { gone, readyService, ScanDirectory, silentService } from "../support/scan_directory.ts";
import { until } from "../support/until.ts";

const NAMESPACE = ["unshare", "--pid", "--fork", "--mount-proc"];
const noNamespace = await refused(...NAMESPACE, "true");
const noTerminal = await refused("script", "-qec", "true", "/dev/null");

/** A `run` that is ready when the file `go` is in the scan directory, and tells its standard input. */
const WAITS = `#!/bin/sh
readlink /proc/self/fd/0 >stdin
while ! [ -e ../go ]; do sleep 0.02; done
echo >ready
echo >&3
exec sleep 100000
`;
const waitingService = { run: WAITS, "notification-fd": "3\n" };

/** A command that says that it runs, and ends with code 5 at SIGTERM, once it has said whether \`a\` is up. */
const COMMAND = `
trap 'kill -0 "$(s6-svstat -o pid scan/a)" && echo a is up; exit 5' TERM
echo $$ >>commands
while :; do sleep 0.02; done
`;

/** Starts a scan with a command, in the parent of the scan directory. */
function launch(directory: ScanDirectory, script: string, ...options: string[]): Scan {
  return Scan.launch("scan", {
    cwd: directory.parent,
    options,
    after: ["--", "sh", "-c", script],
  });
}

/** Waits until the command has been started so many times; returns its last process id. */
async function commandStarted(directory: ScanDirectory, times = 1): Promise<number> {
  return await until(async () => {
    const text = await Deno.readTextFile(`${directory.parent}/commands`).catch(() => "");
    const pids = text.split("\n").slice(0, -1);
    if (pids.length < times) return undefined;
    // A scan that is killed before it has recorded the process leaves the next one in doubt.
    const record = await directory.read(".s6-svscan/command").catch(() => "");
    return record.startsWith(`${pids.at(-1)} `) && Number(pids.at(-1));
  }, "the command to run, and to be recorded");
}

/** Waits until a scan is another program than before. */
async function upgraded(scan: Scan): Promise<void> {
  const program = () => Deno.readFileSync(`/proc/${scan.pid}/auxv`).toString();
  const before = program();
  await scan.send("V");
  await until(() => program() !== before, "another program");
  await scan.ready();
}

Deno.test("the command has what the caller gave, and runs when all services are ready", async () => {
  await using directory = await ScanDirectory.make({
    a: waitingService,
    b: silentService,
    off: { ...silentService, down: "" },
  });
  const script = 'cat scan/a/ready; read line; echo "$line $WORD in $PWD"; exit 7';
  const running = run([...svCommand("scan"), "scan", "--", "sh", "-c", script], {
    cwd: directory.parent,
    env: { WORD: "word" },
    stdin: "hello\n",
  });
  await directory.up("a");
  const b = await directory.up("b");
  await Deno.writeTextFile(`${directory.path}/go`, "");
  const { code, stderr, stdout } = await running;
  assertEquals([code, stdout, stderr], [7, `\nhello word in ${directory.parent}\n`, ""]);
  assertEquals(await directory.read("a/stdin"), "/dev/null\n");
  assertEquals(isAlive(b.pid), false, "a service was left behind");
  assertEquals(await exists(`${directory.path}/.s6-svscan/command`), false);
});

Deno.test("a signal that ends the command is the exit code, 128 and its number", async () => {
  await using directory = await ScanDirectory.make();
  await using scan = launch(directory, "kill -KILL $$");
  assertEquals((await scan.exited()).code, 137, scan.stderr);
});

Deno.test("finish gets the exit code of the command", async () => {
  await using directory = await ScanDirectory.make();
  await Deno.mkdir(`${directory.path}/.s6-svscan`);
  const finish = '#!/bin/sh\necho "$@" >finished\nexit "$1"\n';
  await Deno.writeTextFile(`${directory.path}/.s6-svscan/finish`, finish, { mode: 0o755 });
  await using scan = launch(directory, "exit 3");
  assertEquals((await scan.exited()).code, 3, scan.stderr);
  assertEquals(await directory.read("finished"), "3\n");
});

Deno.test("services that are not ready in time are named, and the command is not run", async () => {
  await using directory = await ScanDirectory.make({ a: waitingService, b: readyService });
  await using scan = launch(directory, "echo run", "--ready-timeout", "2000");
  assertEquals((await scan.exited()).code, 99, scan.stderr);
  assertMatch(
    scan.stderr,
    /^sv scan scan: a: starting: not ready for .*no newline has come on descriptor 3/,
  );
  assertStringIncludes(
    scan.stderr,
    "sv scan scan: fatal: not running the command: a: not ready after 2000 milliseconds\n",
  );
  assertEquals(scan.stdout, "");
});

Deno.test("a service that fails for good ends the wait at once", async () => {
  await using directory = await ScanDirectory.make({
    a: { run: "#!/bin/sh\nexit 1\n", finish: "#!/bin/sh\nexit 125\n", "notification-fd": "3\n" },
    b: waitingService,
  });
  await using scan = launch(directory, "echo run");
  assertEquals((await scan.exited()).code, 1, scan.stderr);
  assertMatch(scan.stderr, /sv scan scan: a: failed: .*fatal: not running the command: a: failed/s);
  assertEquals(scan.stdout, "");
});

Deno.test("a command that can't be run brings everything down", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  for (const [command, code, why] of [["no-such-program", 127, "No such"], ["/", 126, "denied"]]) {
    const after = ["--", String(command)];
    await using scan = Scan.launch("scan", { cwd: directory.parent, after });
    assertEquals((await scan.exited()).code, code, scan.stderr);
    assertStringIncludes(scan.stderr, `sv scan scan: fatal: cannot run ${command}: `);
    assertStringIncludes(scan.stderr, String(why));
  }
});

for (const how of ["SIGTERM", "scanctl -t"]) {
  Deno.test(`${how} reaches the command first, and the services when it has ended`, async () => {
    await using directory = await ScanDirectory.make({ a: readyService });
    await using scan = launch(directory, COMMAND);
    await commandStarted(directory);
    const { pid } = await directory.ready("a");
    if (how === "SIGTERM") scan.signal("SIGTERM");
    else await scan.send("t");
    assertEquals((await scan.exited()).code, 5, scan.stderr);
    await until(() => scan.stdout === "a is up\n", "the command to find a up");
    assertEquals(isAlive(pid), false);
  });
}

Deno.test("SIGTERM before the command runs ends the wait, and the scan with 143", async () => {
  await using directory = await ScanDirectory.make({ a: waitingService });
  await using scan = launch(directory, "echo run");
  const { pid } = await directory.up("a");
  scan.signal("SIGTERM");
  assertEquals((await scan.exited()).code, 143, scan.stderr);
  assertEquals([scan.stdout, isAlive(pid)], ["", false]);
});

Deno.test("a command that does not end is killed after --kill-timeout", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  const script = "trap '' TERM; echo $$ >>commands; while :; do sleep 0.02; done";
  await using scan = launch(directory, script, "--kill-timeout", "100");
  await commandStarted(directory);
  scan.signal("SIGTERM");
  assertEquals((await scan.exited()).code, 137, scan.stderr);
});

Deno.test("other signals reach the command, too", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await using scan = launch(directory, `trap 'exit 9' USR1; ${COMMAND}`);
  await commandStarted(directory);
  scan.signal("SIGUSR1");
  assertEquals((await scan.exited()).code, 9, scan.stderr);
});

Deno.test("an upgrade keeps the wait, and the command that runs", async () => {
  await using directory = await ScanDirectory.make({ a: waitingService });
  await using scan = launch(directory, COMMAND);
  await scan.ready();
  await directory.up("a");
  await upgraded(scan);
  assertEquals(await exists(`${directory.parent}/commands`), false);
  await Deno.writeTextFile(`${directory.path}/go`, "");
  const pid = await commandStarted(directory);
  await upgraded(scan);
  assert(isAlive(pid));
  scan.signal("SIGTERM");
  assertEquals((await scan.exited()).code, 5, scan.stderr);
  assertEquals(await Deno.readTextFile(`${directory.parent}/commands`), `${pid}\n`);
});

Deno.test("the command outlives a scan that is killed, and the next one takes it over", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  const first = launch(directory, COMMAND);
  const pid = await commandStarted(directory);
  const a = await directory.ready("a");
  first.signal("SIGKILL");
  await first.exited();
  assert(isAlive(pid));
  await using scan = launch(directory, COMMAND);
  await scan.says(`the command still runs as process ${pid}: taking it over`);
  Deno.kill(pid, "SIGKILL");
  const { code } = await scan.exited();
  // Before Linux 6.15 the kernel does not tell how a process died that is no child.
  assert(code === 137 || code === 0, `exit code ${code}`);
  await gone(a.pid);
  assertEquals(await Deno.readTextFile(`${directory.parent}/commands`), `${pid}\n`);
  await using next = launch(directory, COMMAND);
  await commandStarted(directory, 2);
  next.signal("SIGTERM");
  assertEquals((await next.exited()).code, 5, next.stderr);
});

testNeeding([noNamespace], "process 1 runs a command, and ends with its exit code", async () => {
  await using directory = await ScanDirectory.make({ a: waitingService, b: readyService });
  await Deno.writeTextFile(`${directory.path}/go`, "");
  await using scan = Scan.launch("scan", {
    cwd: directory.parent,
    through: NAMESPACE,
    after: ["--", "sh", "-c", "cat scan/a/ready; exit 6"],
  });
  assertEquals((await scan.exited()).code, 6, scan.stderr);
  assertEquals(scan.stderr, "");
});

testNeeding(
  [noTerminal],
  "the command is in the foreground of the terminal, and gets Ctrl-C once",
  async () => {
    await using directory = await ScanDirectory.make({ a: readyService });
    const script = `count=0
trap 'count=$((count + 1)); echo interrupted' INT
trap 'echo count $count; exit 4' TERM
set -- $(cat /proc/$$/stat); [ $5 = $8 ] && test -t 0 && echo in the foreground
while :; do sleep 0.02; done`;
    await Deno.writeTextFile(`${directory.parent}/command`, script);
    const line = [...svCommand("scan"), "scan", "--", "sh", "command"].join(" ");
    const child = new Deno.Command("script", {
      args: ["-qec", `echo $$ >pid; exec ${line}`, "/dev/null"],
      cwd: directory.parent,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    let said = "";
    const heard = (async () => {
      for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) said += text;
    })();
    const keyboard = child.stdin.getWriter();
    await until(() => said.includes("in the foreground"), "the command to run");
    await keyboard.write(new TextEncoder().encode("\x03"));
    await until(() => said.includes("interrupted"), "the command to be interrupted");
    // The scan takes its signals in order: what it passed on of Ctrl-C would come before this.
    Deno.kill(Number(await Deno.readTextFile(`${directory.parent}/pid`)), "SIGTERM");
    await until(() => said.includes("count 1"), `Ctrl-C to come once, after: ${said}`);
    await keyboard.close().catch(() => {});
    assertEquals((await child.status).code, 4);
    await heard;
  },
);
