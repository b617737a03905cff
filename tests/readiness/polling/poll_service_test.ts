/** `data/sv/notifyoncheck`: the supervisor itself polls its service. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { supervise } from "../../../mod.ts";
import { timesRun, wakeUps } from "../../../scripts/benchmark/idle.ts";
import { Scan } from "../../support/scan.ts";
import { ScanDirectory } from "../../support/scan_directory.ts";
import { FifodirListener } from "../../support/fifodir_listener.ts";
import { isAlive, processesIn } from "../../support/processes.ts";
import { missingPrograms, missingRoot, testNeeding } from "../../support/needs.ts";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { service, type ServiceFiles } from "../../support/service.ts";
import { readStatusFile } from "../../support/status_file.ts";
import { Supervisor, supervisors } from "../../support/supervisor.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";
import { perlServer } from "../polled_service.ts";
import { writeFifo } from "../../support/write_fifo.ts";

const SLEEPER = "#!/bin/sh\nexec sleep 100000\n";

/**
 * Starts a service under `sv supervise`, which polls it with these options.
 *
 * @param at Where the directory `data` with the options is.
 */
async function polled(options: string, contents: ServiceFiles = {}, at = ".") {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(
    await service({
      run: SLEEPER,
      ...contents,
      files: { [`${at}/data/sv/notifyoncheck`]: options, ...contents.files },
    }),
  );
  const { path } = directory;
  const events = stack.use(await FifodirListener.subscribe(`${path}/event`));
  const supervisor = stack.use(await Supervisor.start(supervisors.sv, path));
  const kept = stack.move();
  return {
    path,
    events,
    supervisor,
    write: (file: string) => Deno.writeTextFile(`${path}/${file}`, ""),
    text: (file: string) =>
      until(async () => {
        const found = await Deno.readTextFile(`${path}/${file}`).catch(() => "");
        return found.endsWith("\n") && found;
      }, `the file ${file}`),
    says: (what: RegExp) =>
      until(() => what.test(supervisor.stderr), `the supervisor to say ${what}`)
        .catch((error) => {
          throw new Error(`${error.message}; it said: ${supervisor.stderr}`);
        }),
    polling: () => polling(path),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Returns the progress of polling, from `sv stat --json`. */
async function polling(path: string) {
  const { stdout, stderr } = await run([...svCommand("stat"), "--json", path]);
  assertEquals(stderr, "");
  return JSON.parse(stdout).polling;
}

Deno.test("the service becomes ready when the check holds, without a process for it", async () => {
  await using place = await polled("-n 0 -w 20 --file ready");
  assertEquals(await place.events.until("u"), "su");
  await until(async () => (await place.polling())?.tries >= 3, "three checks");
  assertEquals((await readStatusFile(place.path)).ready, false);
  const { pid } = await readStatusFile(place.path);
  assertEquals(await processesIn(place.path), [pid]);
  const { state, lastFailure } = await place.polling();
  assertEquals([state, lastFailure], ["polling", `there is no file ${place.path}/ready`]);
  await place.write("ready");
  assertEquals(await place.events.until("U"), "U");
  assertEquals((await readStatusFile(place.path)).ready, true);
  const after = await until(async () => {
    const found = await place.polling();
    return found.state === "ready" && found;
  }, "the end of polling");
  assertEquals(after.lastFailure, null);
});

Deno.test("a check that hangs shows up, with what the last one printed", async () => {
  // The first check fails with its reason, the second hangs.
  const check = "#!/bin/sh\ntest ! -e asked || exec sleep 1000\necho >asked\n" +
    "echo no table >&2\nexit 1\n";
  await using place = await polled("-w 20 -n 0", { executables: { "data/check": check } });
  const found = await until(async () => {
    const now = await place.polling();
    return now?.running ? now : undefined;
  }, "the check to show up");
  assertEquals(
    [found.state, found.tries, found.lastFailure, found.lastOutput, found.running.check],
    ["polling", 1, "./data/check exited 1", "no table", 2],
  );
  assert(found.lastSeconds > 0.0001 && found.lastSeconds < 60, `${found.lastSeconds}`);
  const { seconds } = found.running;
  assert(seconds > 0.2 && seconds < 60, `${seconds}`);
  await until(async () => (await place.polling()).running.seconds > seconds, "time to pass");
  assertEquals((await readStatusFile(place.path)).ready, false);
  // What it printed was passed on, too.
  await place.says(/^no table$/m);
});

Deno.test("the file may have several lines, quotes and comments, and all of its checks must hold", async () => {
  await using place = await polled(
    `# how to ask\n-w 20 -n 0 # for ever\n--file 'a b' --file "c"\n--pid-file pid -c 'test -e d'\n`,
  );
  await place.events.until("u");
  for (const file of ["a b", "c", "d"]) {
    await place.write(file);
    const { tries } = await place.polling() ?? { tries: 0 };
    await until(async () => (await place.polling())?.tries >= tries + 2, "two more checks");
    assertEquals((await readStatusFile(place.path)).ready, false);
  }
  const { pid } = await readStatusFile(place.path);
  await Deno.writeTextFile(`${place.path}/pid`, `${pid}\n`);
  assertEquals(await place.events.until("U"), "U");
});

Deno.test("paths are relative to the service directory, ports and URLs work", async () => {
  await using place = await polled("");
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response(null, { status: 302, headers: { location: "/" } }),
  );
  const socket = Deno.listen({ transport: "unix", path: `${place.path}/socket` });
  const { port } = server.addr;
  await Deno.writeTextFile(
    `${place.path}/data/sv/notifyoncheck`,
    `-n 0 --any-owner --tcp ${port} --http http://localhost:${port}/ --expect 200-399 --unix socket\n`,
  );
  await place.supervisor.send("t");
  await place.events.until("d");
  await place.events.until("U");
  socket.close();
  await server.shutdown();
});

for (const flag of ["", "flag-newpidns"]) {
  testNeeding(
    [missingPrograms("perl"), flag === "" ? undefined : missingRoot("for a PID namespace")],
    `a stranger at the service's port does not make it ready${flag && `, with ${flag}`}`,
    async () => {
      const stranger = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = stranger.addr;
      await using place = await polled(`-n 0 -w 20 --tcp ${port}`, {
        run: perlServer(port),
        files: flag === "" ? {} : { [flag]: "" },
      });
      const reason = await until(
        async () => (await place.polling())?.lastFailure ?? undefined,
        "a check that fails",
      );
      assertMatch(
        reason,
        new RegExp(`^port ${port} is answered by .* \\(pid ${Deno.pid}\\), which`),
      );
      assertEquals((await readStatusFile(place.path)).ready, false);
      stranger.close();
      await place.events.until("U");
    },
  );
}

Deno.test("with an empty file data/check is run, in the surroundings of run, except for stdin", async () => {
  const note = (word: string) =>
    `#!/bin/sh\npwd >${word}\nfor fd in /proc/self/fd/*; do echo "\${fd##*/}"; done >>${word}\n` +
    `ulimit -Sn >>${word}\nenv | grep -v ^_= | sort >>${word}\ngrep "^Sig[BI]" /proc/self/status >>${word}\n`;
  await using place = await polled("", {
    run: `${note("of-run")}>noted\nexec sleep 100000\n`,
    executables: {
      // The number of checks is limited: one of them waits for run.
      "data/check": "#!/bin/sh\nuntil test -e noted; do sleep 0.02; done\n" +
        `${note("of-check")}readlink /proc/self/fd/0 >>of-check-stdin\n`,
    },
  });
  await place.events.until("U");
  assertEquals(await place.text("of-check-stdin"), "/dev/null\n");
  assertEquals(await place.text("of-check"), await place.text("of-run"));
});

for (
  const [options, complaint] of [
    [
      "-n seven",
      /data\/sv\/notifyoncheck: option -n takes a number of checks from 0 to 4294967295, not 'seven'/,
    ],
    [
      "--tcp none",
      /data\/sv\/notifyoncheck: option --tcp takes a port, host:port or \[address\]:port/,
    ],
    ["--http ftp://h/", /data\/sv\/notifyoncheck: option --http takes a URL like/],
    [
      "--expect 200",
      /data\/sv\/notifyoncheck: option --expect is about --http, which is not given/,
    ],
    [
      "--backoff 0.5",
      /data\/sv\/notifyoncheck: option --backoff takes a factor of at least 1, not '0.5'/,
    ],
    ["--what", /data\/sv\/notifyoncheck: unknown option --what/],
    ["--file 'a", /data\/sv\/notifyoncheck: a quote is not closed: 'a/],
    ["--file a foo", /data\/sv\/notifyoncheck: it may contain options only, and foo is none/],
  ] as const
) {
  Deno.test(`data/sv/notifyoncheck with ${options} in it causes a warning, and the service goes on`, async () => {
    await using place = await polled(options);
    await place.events.until("u");
    await place.says(complaint);
    assert((await readStatusFile(place.path)).pid > 0);
    assertEquals(await place.polling(), null);
  });
}

Deno.test("the file in its former place is not obeyed, and a warning names the new one", async () => {
  await using place = await polled("", {
    files: { "data/notifyoncheck": "-w 10 -n 0 --file /\n" },
  }, "elsewhere");
  await place.says(
    /warning: the service is not polled: data\/notifyoncheck has options .*data\/sv\/notifyoncheck only; move/,
  );
  assertEquals(await place.events.until("u"), "su");
  assert(!(await readStatusFile(place.path)).ready);
  assertEquals(await place.polling(), null);
});

for (
  const [whose, files] of [
    ["a script data/notifyoncheck", { "data/notifyoncheck": "#!/bin/sh\nexec check-it\n" }],
    ["a file data", { data: "--file /\n" }],
    ["a file data/sv", { "data/sv": "--file /\n" }],
  ] as const
) {
  Deno.test(`${whose} is the user's own, and nothing is said of it`, async () => {
    await using place = await polled("", { files }, "elsewhere");
    assertEquals(await place.events.until("u"), "su");
    // Once the service is down, the supervisor has read what there is, and has warned of it.
    await place.supervisor.send("d");
    assertEquals(await place.events.until("D"), "dD");
    await Deno.mkdir(`${place.path}/elsewhere/data/sv`, { recursive: true });
    await Deno.writeTextFile(`${place.path}/elsewhere/data/sv/notifyoncheck`, "-s 0 --file /\n");
    await Deno.remove(`${place.path}/data`, { recursive: true });
    await Deno.rename(`${place.path}/elsewhere/data`, `${place.path}/data`);
    await place.supervisor.send("u");
    assertEquals(await place.events.until("U"), "uU");
    assertEquals(place.supervisor.stderr, "");
  });
}

Deno.test("a data/check that can't be run is named; it may come later", async () => {
  await using place = await polled("-n 0 -w 20", { files: { "data/check": "#!/bin/sh\n" } });
  await place.says(/warning: Cannot run .\/data\/check: Permission denied; the service is not/);
  await Deno.chmod(`${place.path}/data/check`, 0o755);
  await place.events.until("U");
  assertEquals(place.supervisor.stderr.match(/Cannot run/g)?.length, 1);
});

Deno.test("the supervisor gives up with one warning, which has the last failure; the service goes on", async () => {
  await using place = await polled("-n 3 -w 10 --file nowhere");
  await place.says(
    /warning: the service is up, but not ready: gave up after 3 checks; the last time, there is no file .*\/nowhere\n/,
  );
  const { ready, pid } = await readStatusFile(place.path);
  assert(!ready && isAlive(pid));
  assertEquals((await place.polling()).state, "gave up");
});

Deno.test("the global limit holds", async () => {
  await using place = await polled("-T 500 -n 0 -w 20 --file nowhere");
  await place.says(/not ready: timed out after \d+ checks; the last time, there is no file/);
});

Deno.test("a server that accepts and does not answer does not block polling", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using place = await polled(`-t 50 -w 10 -n 2 --http http://127.0.0.1:${silent.addr.port}/`);
  await place.says(/gave up after 2 checks; the last time, the check took too long\n/);
  silent.close();
});

Deno.test("a check that takes too long is killed with its children, before the next begins", async () => {
  // A slow host may end a check before it has said who it is, and then there is another one.
  await using place = await polled("-t 200 -w 10 -n 0", {
    executables: {
      "data/check": "#!/bin/sh\ntrap '' TERM\n" +
        "test ! -e pids || { read -r first _ <pids; kill -0 $first 2>/dev/null && echo >both; echo $$ >>pids; exit; }\n" +
        "sleep 1000 &\necho $$ $! >>pids\nwait\nsleep 1000\n",
    },
  });
  await place.events.until("U");
  const [first, child, second] = (await place.text("pids")).trim().split(/\s/).map(Number);
  assert(first !== undefined && child !== undefined && second !== undefined);
  assert(!isAlive(first));
  assertEquals(await Deno.readTextFile(`${place.path}/both`).catch(() => ""), "");
  await until(() => !isAlive(child), "the end of the child");
});

Deno.test("when the daemon dies its check ends at once, and the next check waits for that", async () => {
  await using place = await polled("-w 10 -n 0", {
    // The first check takes a while to stop.
    executables: {
      "data/check": "#!/bin/sh\nmkdir lock || echo two at once >>errors\necho $$ >>pids\n" +
        "trap 'sleep 0.2; rmdir lock; echo stopped >>stopped; exit 1' TERM\n" +
        "test -e go || { sleep 1000 & wait; }\nrmdir lock\n",
    },
  });
  const check = Number(await place.text("pids"));
  await place.write("go");
  Deno.kill((await readStatusFile(place.path)).pid, "SIGKILL");
  assertMatch(await place.events.until("U"), /^sudD?uU$/);
  assert(!isAlive(check));
  assertEquals(await place.text("stopped"), "stopped\n");
  assertEquals(await Deno.readTextFile(`${place.path}/errors`).catch(() => ""), "");
});

Deno.test("a daemon that writes its newline is not polled any more", async () => {
  await using place = await polled("-w 10 -n 0", {
    run: "#!/bin/sh\nmkfifo go\nread -r _ <go\necho >&3\nexec sleep 1000\n",
    files: { "notification-fd": "3\n" },
    executables: { "data/check": "#!/bin/sh\necho >>checks\nexit 1\n" },
  });
  await place.text("checks");
  await within(
    writeFifo(`${place.path}/go`, "\n"),
    "the daemon to listen",
  );
  await place.events.until("U");
  await until(async () => (await processesIn(place.path)).length === 1, "the last check to end");
  const checks = await place.text("checks");
  await run([...svCommand("wait"), "-t", "300", "-D", place.path]);
  assertEquals(await place.text("checks"), checks);
});

Deno.test("a service that is brought down is not polled any more, and is when it comes up", async () => {
  await using place = await polled("-w 10 -n 0 --file ready");
  await place.events.until("u");
  await until(async () => (await place.polling())?.tries >= 2, "two checks");
  await place.supervisor.send("d");
  assertEquals(await place.events.until("D"), "dD");
  await place.write("ready");
  assertEquals(await place.polling(), null);
  await place.supervisor.send("u");
  assertEquals(await place.events.until("U"), "uU");
});

Deno.test("once the service is ready, the supervisor does nothing", async () => {
  await using place = await polled("-w 10 -n 0 --file ready --backoff 1.1");
  await until(async () => (await place.polling())?.tries >= 5, "five checks");
  await place.write("ready");
  await place.events.until("U");
  // It comes to rest now or a little later, and then does not wake up any more.
  await until(
    async () => {
      const before = timesRun(place.supervisor.pid);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return wakeUps(before, timesRun(place.supervisor.pid)) === 0;
    },
    "a second without a wake-up",
  );
});

Deno.test("the library polls, too", async () => {
  await using directory = await service({
    run: SLEEPER,
    files: { "data/sv/notifyoncheck": "-w 10 -n 0 --file ready\n" },
  });
  await using events = await FifodirListener.subscribe(`${directory.path}/event`);
  const controller = new AbortController();
  const ended = supervise(directory.path, { signal: controller.signal });
  await events.until("u");
  await Deno.writeTextFile(`${directory.path}/ready`, "");
  await events.until("U");
  controller.abort();
  await within(ended, "the supervisor to end");
});

Deno.test("a scan polls its services, loggers as well, and takes the deaths of checks", async () => {
  const files = {
    run: SLEEPER,
    "data/sv/notifyoncheck": "-w 20 -n 0 -c 'test -e ready'\n",
    "log/run": "#!/bin/sh\nexec cat >/dev/null\n",
    "log/data/sv/notifyoncheck": "-w 20 -n 0 --file ../ready\n",
  };
  const names = Array.from({ length: 10 }, (_, index) => `service-${index}`);
  await using directory = await ScanDirectory.make(
    Object.fromEntries(names.map((name) => [name, files])),
  );
  await using _scan = await Scan.start(directory.path);
  for (const name of names) {
    await directory.up(name);
    await until(
      async () => (await polling(directory.service(name)))?.lastFailure?.endsWith(" exited 1"),
      `${name} to be polled`,
    );
  }
  for (const name of names) await Deno.writeTextFile(`${directory.service(name)}/ready`, "");
  for (const name of names) {
    await directory.ready(name);
    await directory.ready(`${name}/log`);
  }
});

Deno.test("a scan that is replaced by another program goes on polling", async () => {
  await using directory = await ScanDirectory.make({
    one: { run: SLEEPER, "data/sv/notifyoncheck": "-w 20 -n 0 --file ready\n" },
  });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.up("one");
  await until(async () => (await polling(directory.service("one")))?.tries > 1, "two checks");
  const before = Deno.readFileSync(`/proc/${scan.pid}/auxv`).toString();
  await scan.send("V");
  await until(
    () => Deno.readFileSync(`/proc/${scan.pid}/auxv`).toString() !== before,
    "another program",
  );
  await Deno.writeTextFile(`${directory.service("one")}/ready`, "");
  assertEquals((await directory.ready("one")).pid, pid);
});

Deno.test("s6-supervise ignores the file", async () => {
  await using directory = await service({
    run: SLEEPER,
    files: { "data/sv/notifyoncheck": "--file /\n" },
  });
  await using events = await FifodirListener.subscribe(`${directory.path}/event`);
  await using _supervisor = await Supervisor.start(supervisors.s6, directory.path);
  assertEquals(await events.until("u"), "su");
  assertEquals((await readStatusFile(directory.path)).ready, false);
});
