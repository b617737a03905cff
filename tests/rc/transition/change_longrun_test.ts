import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { DEADLINE } from "../../support/deadline.ts";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";
import { longrun } from "../definitions_folder.ts";
import { LiveServices } from "../live_services.ts";
import { writeFifo } from "../../support/write_fifo.ts";

/** Starts a command of `sv rc`, and collects its lines on standard error. */
function startRc(services: LiveServices, ...args: [string, ...string[]]) {
  const [program, ...rest] = services.command(...args);
  const child = new Deno.Command(program!, {
    args: rest,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  const read = (async () => {
    for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) text += piece;
  })();
  return {
    get said() {
      return text.split("\n").slice(0, -1).map((line) => line.replace(/^.*?: warning: /, ""));
    },
    interrupt: () => child.kill("SIGTERM"),
    async ended() {
      const { code } = await within(child.status, "the end of sv rc");
      await read;
      return code;
    },
  };
}

Deno.test("a permanent failure is told with its reason, and so is a start after it", async () => {
  await using services = await LiveServices.start({
    ...longrun("a"),
    "a/run": "#!/bin/sh\nexit 3\n",
    "a/finish": "#!/bin/sh\nexit 125\n",
    "b/type": "longrun\n",
    "b/run": "#!/bin/sh\nread -r _ <go\nkill -9 $$\n",
    "b/finish": "#!/bin/sh\nexit 125\n",
    ...longrun("c", ["b"]),
  });
  const reason = "it failed permanently: its finish script exited 125 after";
  const failed = await services.rc("start", "a");
  assertEquals([failed.code, failed.stderr.includes(`service a: ${reason} exit code 3\n`)], [
    1,
    true,
  ]);
  await run(["mkfifo", join(services.live, "servicedirs/b/go")]);
  assertEquals((await services.rc("start", "b")).code, 0);
  await writeFifo(join(services.live, "servicedirs/b/go"), "\n");
  await until(async () => (await services.rc("diff")).stdout === "-b\n", "the failure of b");
  const again = await services.rc("start", "c");
  assertEquals(again.code, 1);
  assert(again.stderr.includes(`service b: ${reason} SIGKILL; stop it, and start it again\n`));
  assertEquals(await services.up(), ["b"]);
  assertEquals((await services.rc("stop", "b")).code, 0);
  assertEquals((await services.rc("start", "c")).code, 0);
  assertEquals(await services.up(), ["b", "c"]);
});

Deno.test("a longrun that crashes before it is ready is reported while it is waited for", async () => {
  await using services = await LiveServices.start({
    ...longrun("a"),
    "a/run": "#!/bin/sh\nexit 7\n",
  });
  const command = startRc(services, "start", "a");
  await until(() => command.said.length >= 2, "two lines");
  assertEquals(command.said.slice(0, 2), [
    "service a has died (exit code 7) before it was ready, and is started again",
    "service a has died 2 times (at last: exit code 7) before it was ready, and is started again",
  ]);
  await Deno.writeTextFile(
    join(services.live, "servicedirs/a/run"),
    "#!/bin/sh\necho >&3\nexec 3>&-\nexec sleep 1000\n",
  );
  assertEquals(await command.ended(), 0);
});

Deno.test("a time limit tells of the deaths, too", async () => {
  await using services = await LiveServices.start({
    ...longrun("a"),
    "a/run": "#!/bin/sh\nexit 7\n",
    "a/timeout-up": "4000\n",
  });
  const { code, stderr } = await services.rc("start", "a");
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /service a: it was not ready after 4000 milliseconds; it has died .*exit code 7\)\n/,
  );
});

Deno.test("a program that can't be started is reported while it is waited for", async () => {
  await using services = await LiveServices.start({
    ...longrun("a"),
    "a/run": "#!/nonexistent/interpreter\n",
  });
  const command = startRc(services, "start", "a");
  await until(() => command.said.length >= 1, "a line");
  assertMatch(command.said[0]!, /^service a can't be started, and is tried again: .*interpreter/);
  command.interrupt();
  assertEquals(await command.ended(), 1);
});

const GO = "until test -e go; do sleep 0.05; done\n";
const NEWLINE = "echo >&3\nexec 3>&-\n";

/** What a longrun does that starts, or stops, only when the test makes the file `go`. */
const RUN = {
  start: `#!/bin/sh\n${GO}${NEWLINE}exec sleep 1000\n`,
  stop: `#!/bin/sh\ntrap "" TERM\n${NEWLINE}${GO}`,
};

for (const verb of ["start", "stop"] as const) {
  Deno.test(`a ${verb} goes on when the scan, which was killed, is back`, async () => {
    await using services = await LiveServices.start({ ...longrun("a"), "a/run": RUN[verb] });
    if (verb === "stop") assertEquals((await services.rc("start", "a")).code, 0);
    const command = startRc(services, verb, "-t", `${DEADLINE}`, "a");
    await until(
      async () =>
        /^(start|stopp)ing a$/m.test(await Deno.readTextFile(join(services.live, "state"))),
      "the beginning",
    );
    await until(
      async () =>
        (await run([...svCommand("stat"), "-o", "wantedup", services.directory("a")]))
          .stdout === `${verb === "start"}\n`,
      "the command to arrive",
    );
    await services.killScan();
    await until(() => command.said.length > 0, "a line");
    assertEquals(command.said, [
      `service a has no supervisor: waiting for a scan of ${services.scandir}`,
    ]);
    await services.startScan();
    await Deno.writeTextFile(join(services.directory("a"), "go"), "");
    assertEquals([await command.ended(), command.said.length], [0, 1], command.said.join("\n"));
    assertEquals(await services.up(), verb === "start" ? ["a"] : []);
    assertEquals((await services.rc("diff")).stdout, "");
  });
}

Deno.test("a start ends with a line about each service when the scan does not come back", async () => {
  await using services = await LiveServices.start({
    ...longrun("a"),
    "a/run": RUN.start,
  });
  const command = startRc(services, "start", "a");
  await until(
    async () => (await Deno.readTextFile(join(services.live, "state"))).includes("starting a\n"),
    "the beginning",
  );
  await services.killScan();
  assertEquals([await command.ended(), command.said], [1, [
    `service a has no supervisor: waiting for a scan of ${services.scandir}`,
    `unable to start service a: it has no supervisor, and none came in time; is a scan of ${services.scandir} running?`,
  ]]);
  // How far it has got is unknown, and recorded so: the next command finds out.
  await services.startScan();
  await Deno.writeTextFile(join(services.directory("a"), "go"), "");
  assertEquals((await services.rc("start", "a")).code, 0);
  assertEquals(await services.up(), ["a"]);
});
