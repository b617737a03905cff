import { assert, assertEquals, assertMatch } from "@std/assert";
import { openDescriptors } from "../../support/open_descriptors.ts";
import { isAlive } from "../../support/processes.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { service } from "../../support/service.ts";
import { readStatusFile } from "../../support/status_file.ts";
import { supervisors } from "../../support/supervisor.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { assertInherited } from "../inherited.ts";
import { besideDaemon } from "../polled_service.ts";
import { supervisedService } from "../supervised_service.ts";

const COMMAND = `${sv.join(" ")} notifyonline`;

/** A service under notifyonline, whose output goes to a file `out` through a pipe. */
function watched(supervisor: readonly string[], options: string, daemon: string, output = "") {
  return supervisedService(supervisor, `${COMMAND} ${options} ./daemon`, {
    run: output || "mkfifo pipe 2>/dev/null\n(exec 3>&-; exec cat pipe >>out) &\nexec >pipe",
    executables: { daemon: `#!/bin/sh\necho $$ >daemon-pid\n${daemon}` },
  });
}

/** Runs a daemon without a supervisor: descriptor 3 is a file `newline`, its output goes to a command. */
async function byHand(directory: string, options: string, daemon: string, into: string) {
  await Deno.writeTextFile(`${directory}/daemon`, `#!/bin/sh\n${daemon}\n`);
  await Deno.chmod(`${directory}/daemon`, 0o755);
  return await run(
    ["sh", "-c", `${COMMAND} -3 3 ${options} ./daemon 3>newline 2>errors | ${into}`],
    { cwd: directory },
  );
}

for (const [name, supervisor] of Object.entries(supervisors)) {
  const test = (promise: string, check: () => Promise<void>) =>
    Deno.test(`under ${name}, ${promise}`, check);

  test("the first line that matches makes the service ready, and earlier lines do not", async () => {
    await using service = await watched(
      supervisor,
      "'^ready on port [0-9]+$' --",
      "echo 'not ready on port 80'\necho 'soon ready'\n./go on\nprintf 'ready on '\n./go more\n" +
        "printf 'port 80\\nready on port 81\\n'\n./go end\necho end\nexec sleep 1000\n",
    );
    assertEquals(await service.events.until("u"), "su");
    await service.go("on");
    await service.go("more");
    assertEquals(await service.events.until("U"), "U");
    const { ready, pid } = await readStatusFile(service.path);
    assertEquals([ready, String(pid)], [true, (await service.text("daemon-pid")).trim()]);
    await service.go("end");
    const all = "not ready on port 80\nsoon ready\nready on port 80\nready on port 81\nend\n";
    await until(async () => await service.text("out") === all, "all of the output");
  });

  test("-2 looks at stderr, and leaves stdout alone", async () => {
    await using service = await watched(
      supervisor,
      "-2 ready",
      "echo ready\n./go on\necho 'ready now' >&2\nexec sleep 1000\n",
    );
    assertEquals(await service.text("out"), "ready\n");
    assertEquals((await readStatusFile(service.path)).ready, false);
    await service.go("on");
    assertMatch(await service.events.until("U"), /^suU$/);
    assertEquals(await service.text("errors"), "ready now\n");
  });

  test("the daemon has what run had: a pipe for stdout, and no notification descriptor", async () => {
    const note = (word: string) =>
      `ls /proc/self/fd | tr '\\n' ' ' >${word}-fds; echo >>${word}-fds; ulimit -Sn >${word}-limit; ` +
      `grep '^Sig[BI]' /proc/self/status >${word}-signals; echo $$ >${word}-pid\n`;
    await using service = await watched(
      supervisor,
      "ready",
      `${note("daemon")}exec sleep 1000\n`,
      `exec 5<run >out\ntrap '' HUP\nulimit -Sn 300\n${note("run")}`,
    );
    await service.text("daemon-pid");
    // `ls` itself takes the lowest number that is free.
    assertEquals(
      await service.text("daemon-fds"),
      (await service.text("run-fds")).replace(" 4 ", " "),
    );
    await assertInherited(service, "limit", "pid");
  });

  test("output from right before the daemon's death is passed on", async () => {
    await using service = await watched(
      supervisor,
      "ready",
      "echo ready\nprintf 'last\\n'\nexit 0\n",
    );
    assertMatch(await service.events.until("d"), /U?d$/);
    await service.supervisor.send("d");
    assertMatch(await service.text("out"), /^(ready\nlast\n)+$/);
    await until(() => besideDaemon(service.path) === undefined, "the process beside it to end");
  });
}

Deno.test("100 MB of any bytes come through unchanged, before and after a match", async () => {
  await using directory = await temporaryDirectory();
  await run(["sh", "-c", "head -c 100000000 /dev/urandom >big"], { cwd: directory.path });
  const daemon =
    "printf 'begin\\n'; cat big; printf '\\nready\\n'; cat big; printf 'no newline at the end'";
  const expected = await run(["sh", "-c", `{ ${daemon}; } | sha256sum`], { cwd: directory.path });
  for (const [regex, newline] of [["'^ready$'", "\n"], ["'^begin$'", "\n"], ["'^never$'", ""]]) {
    const { stdout } = await byHand(directory.path, regex!, daemon, "sha256sum");
    assertEquals(stdout, expected.stdout, regex);
    assertEquals(await Deno.readTextFile(`${directory.path}/newline`), newline, regex);
  }
});

Deno.test("the output may go to a file, and is appended there", async () => {
  await using directory = await temporaryDirectory();
  await byHand(directory.path, "b", "for line in a b c; do echo $line; done", "cat >out");
  assertEquals(await Deno.readTextFile(`${directory.path}/out`), "a\nb\nc\n");
  await run(
    [
      "sh",
      "-c",
      `${COMMAND} -3 3 b ./daemon 3>newline >>out; while ! grep -c c out | grep 2; do :; done`,
    ],
    { cwd: directory.path },
  );
  assertEquals(await Deno.readTextFile(`${directory.path}/out`), "a\nb\nc\na\nb\nc\n");
});

Deno.test("an unfinished last line counts when nothing follows it", async () => {
  await using directory = await temporaryDirectory();
  const { stdout } = await byHand(directory.path, "'^ready$'", "printf 'a\\nready'", "cat");
  assertEquals(stdout, "a\nready");
  assertEquals(await Deno.readTextFile(`${directory.path}/newline`), "\n");
});

Deno.test("after 2>&1, lines of stdout and stderr keep their order", async () => {
  await using directory = await temporaryDirectory();
  const lines = Array.from({ length: 200 }, (_, index) => index);
  const daemon = lines.map((line) => `echo ${line}${line % 2 ? " >&2" : ""}`).join("\n");
  await Deno.writeTextFile(`${directory.path}/daemon`, `#!/bin/sh\n${daemon}\n`);
  await Deno.chmod(`${directory.path}/daemon`, 0o755);
  const { stdout } = await run(
    ["sh", "-c", `${COMMAND} -3 3 '^99$' ./daemon 3>newline 2>&1 | cat`],
    { cwd: directory.path },
  );
  assertEquals(stdout, lines.join("\n") + "\n");
  assertEquals(await Deno.readTextFile(`${directory.path}/newline`), "\n");
});

Deno.test("a reader that does not read makes the daemon wait; one that has ended makes it end", async () => {
  for (const regex of ["'^1$'", "'^never$'"]) {
    await using directory = await temporaryDirectory();
    // The pipes and the process between them hold less than a megabyte.
    await byHand(
      directory.path,
      regex,
      "trap '' TERM\n(seq 1 10000000; echo $? >ended) 2>/dev/null &\necho $! >writer; wait",
      "{ read -r line; echo $line; for wait in 1 2 3 4 5; do sleep 0.1; done; test ! -e ended && echo held; }",
    ).then(({ stdout }) => assertEquals(stdout, "1\nheld\n", regex));
    const ended = await until(
      () => Deno.readTextFile(`${directory.path}/ended`).catch(() => ""),
      "the writer's end",
    ).then((text) => text || "", () => "");
    assert(ended !== "0\n", "the writer met a broken pipe");
  }
});

Deno.test("once a line has matched, the process beside the daemon is cat", async () => {
  await using service = await watched(supervisors.sv, "ready", "echo ready\nexec sleep 1000\n");
  assertMatch(await service.events.until("U"), /U$/);
  await until(() => besideDaemon(service.path) === undefined, "another program");
  const daemon = Number(await service.text("daemon-pid"));
  const pipe = await Deno.readLink(`/proc/${daemon}/fd/1`);
  const readers = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) => {
    try {
      return /^\d+$/.test(name) && Deno.readLinkSync(`/proc/${name}/fd/0`) === pipe;
    } catch {
      return false;
    }
  });
  assertEquals(readers.length, 1);
  // The kernel gives the process its new command line before it closes descriptors and sets the name.
  await until(
    () => Deno.readTextFileSync(`/proc/${readers[0]}/comm`) === "cat\n",
    "the process to be cat",
  );
  // cat has three descriptors, and no others.
  const fds = () => [...openDescriptors(readers[0]!).keys()].sort().join(" ");
  await until(() => fds() === "0 1 2", "cat to have three descriptors").catch((error) => {
    throw new Error(`${error.message}; it has ${fds()}`);
  });
});

Deno.test("the process beside the daemon has no parent, and with -f the daemon", async () => {
  for (const option of ["", "-f"]) {
    await using service = await watched(supervisors.sv, `${option} ready`, "exec sleep 1000\n");
    const daemon = Number(await service.text("daemon-pid"));
    const beside = await until(() => besideDaemon(service.path), "the process beside the daemon");
    const status = await Deno.readTextFile(`/proc/${beside}/status`);
    assertEquals(new RegExp(`^PPid:\t${daemon}$`, "m").test(status), option === "-f");
  }
});

Deno.test("-t stops looking, and the service goes on, not ready", async () => {
  await using service = await watched(
    supervisors.sv,
    "-t 100 ready",
    "./go on\necho ready\nexec sleep 1000\n",
  );
  assertMatch(await service.text("errors"), /not ready: no line has matched in time/);
  await service.go("on");
  assertEquals(await service.text("out"), "ready\n");
  assertEquals((await readStatusFile(service.path)).ready, false);
  assert(isAlive(Number(await service.text("daemon-pid"))));
});

for (
  const [promise, args, code, complaint] of [
    [
      "the expression is invalid",
      "'(' true",
      100,
      /cannot use '\(' as an extended regular expression/,
    ],
    ["there is no program", "ready --", 100, /no program given\nusage: sv notifyonline/],
    ["there is nothing", "", 100, /no regular expression given/],
    ["the descriptor is stdout", "-3 1 ready true", 100, /descriptor 1 .* standard/],
    ["the descriptor is not open", "ready true", 111, /descriptor 3 .* is not open/],
  ] as const
) {
  Deno.test(`notifyonline fails with a reason when ${promise}`, async () => {
    await using directory = await service({ files: { "notification-fd": "3\n" } });
    const { code: found, stderr } = await run(["sh", "-c", `exec 3>&-; exec ${COMMAND} ${args}`], {
      cwd: directory.path,
    });
    assertMatch(stderr, complaint);
    assertEquals(found, code);
  });
}
