import { assert, assertEquals, assertMatch } from "@std/assert";
import { openDescriptors } from "../../support/open_descriptors.ts";
import { isAlive } from "../../support/processes.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { readStatusFile } from "../../support/status_file.ts";
import { supervisors } from "../../support/supervisor.ts";
import { until } from "../../support/until.ts";
import { DAEMON, perlServer, polledService } from "../polled_service.ts";

/** The signals of a process without the two that the C library keeps to itself, 32 and 33. */
function ordinary(kind: string, text: string): string {
  if (kind !== "signals") return text;
  return text.replace(
    /[0-9a-f]{16}/g,
    (mask) => (BigInt(`0x${mask}`) & 0x7fffffffn).toString(16),
  );
}

/** Writes the surroundings of a process to files whose names begin with a word. */
function note(word: string): string {
  return `ls /proc/self/fd | tr '\\n' ' ' >${word}-fds; echo >>${word}-fds
ulimit -Sn >${word}-limit
env | grep -v '^_=' | sort >${word}-environment
grep '^Sig[BI]' /proc/self/status >${word}-signals
`;
}

for (const [name, supervisor] of Object.entries(supervisors)) {
  const test = (promise: string, check: () => Promise<void>) =>
    Deno.test(`under ${name}, ${promise}`, check);

  test("the service becomes ready when the check succeeds, and not before", async () => {
    await using polled = await polledService(supervisor);
    assertEquals(await polled.events.until("u"), "su");
    await until(async () => (await polled.text("checks")).length >= 3, "three checks");
    assertEquals((await readStatusFile(polled.path)).ready, false);
    await polled.write("ready");
    assertEquals(await polled.events.until("U"), "U");
    assertEquals((await readStatusFile(polled.path)).ready, true);
  });

  test("the daemon has the process id of run", async () => {
    await using polled = await polledService(supervisor, { before: "echo $$ >run-pid" });
    assertEquals(await polled.text("daemon-pid"), await polled.text("run-pid"));
    assertEquals((await readStatusFile(polled.path)).pid, await polled.daemon());
  });

  test("the daemon has all that run had, except for the notification descriptor", async () => {
    await using polled = await polledService(supervisor, {
      fd: 7,
      before: `exec 5<run\ntrap '' HUP USR2\nulimit -Sn 300\nexport WITNESS='a b'\n${note("run")}`,
      daemon: `#!/bin/sh\n${note("daemon")}${DAEMON}`,
      check: `#!/bin/sh\n${note("check")}test -e ready\n`,
    });
    const noted = async (word: string, kind: string) =>
      ordinary(kind, await polled.text(`${word}-${kind}`));
    await polled.daemon();
    const ofRun = await polled.text("run-fds");
    assertMatch(ofRun, / 7 /);
    assertEquals(await polled.text("daemon-fds"), ofRun.replace(" 7 ", " "));
    for (const kind of ["limit", "environment", "signals"]) {
      assertEquals(await noted("daemon", kind), await noted("run", kind), kind);
    }
    assertEquals(await polled.text("daemon-limit"), "300\n");

    // The check gets the same, but only three descriptors; the fourth is opened by `ls`.
    await polled.text("check-signals");
    assertEquals(await polled.text("check-fds"), "0 1 2 3 \n");
    for (const kind of ["limit", "environment", "signals"]) {
      assertEquals(await noted("check", kind), await noted("run", kind), kind);
    }
  });

  test("the process that polls has no descriptor that run opened", async () => {
    await using polled = await polledService(supervisor, { before: "exec 5<run" });
    await polled.text("checks");
    const poller = polled.poller();
    assert(poller !== undefined);
    for (const [fd, target] of openDescriptors(poller)) {
      assert(target !== `${polled.path}/run`, `it has run as descriptor ${fd}`);
    }
  });

  test("the process that polls is the daemon's child, and ends after success", async () => {
    await using polled = await polledService(supervisor);
    const daemon = await polled.daemon();
    await polled.text("checks");
    const poller = polled.poller()!;
    const status = await Deno.readTextFile(`/proc/${poller}/status`);
    assertMatch(status, new RegExp(`^PPid:\t${daemon}$`, "m"));
    await polled.write("ready");
    await polled.events.until("U");
    await until(() => !isAlive(poller), "the end of the process that polls");
  });

  test("with -d, the process that polls is not the daemon's child", async () => {
    await using polled = await polledService(supervisor, { options: "-d -n 0 -w 20" });
    const daemon = await polled.daemon();
    const children = async () =>
      (await Deno.readTextFile(`/proc/${daemon}/task/${daemon}/children`)).trim();
    assertEquals(await children(), "");
    await polled.text("checks");
    const poller = polled.poller()!;
    assertEquals(await children(), "");
    await polled.write("ready");
    await polled.events.until("U");
    await until(() => !isAlive(poller), "the end of the process that polls");
    assertEquals(await children(), "");
  });

  test("the process that polls ends when the daemon dies, and so does its check", async () => {
    await using polled = await polledService(supervisor, {
      check: "#!/bin/sh\nsleep 1000 &\necho $! >check-child\necho $$ >check-pid\nwait\n",
    });
    const check = Number(await polled.text("check-pid"));
    const child = Number(await polled.text("check-child"));
    const poller = polled.poller()!;
    await polled.supervisor.send("O");
    Deno.kill(await polled.daemon(), "SIGKILL");
    assertMatch(await polled.events.until("D"), /d.*D$/);
    for (const pid of [poller, check, child]) {
      await until(() => !isAlive(pid), `the end of process ${pid}`);
    }
  });

  test("a daemon that dies at once is not polled, and no process is left", async () => {
    await using polled = await polledService(supervisor, { daemon: "#!/bin/sh\nexit 0\n" });
    await polled.events.until("d");
    await polled.supervisor.send("d");
    await polled.events.until("D");
    await until(() => polled.poller() === undefined, "the end of the process that polls");
  });

  test("the process that polls ends when the supervisor is killed", async () => {
    await using polled = await polledService(supervisor);
    const daemon = await polled.daemon();
    await polled.text("checks");
    const poller = polled.poller()!;
    Deno.kill(polled.supervisor.pid, "SIGKILL");
    await until(() => !isAlive(poller), "the end of the process that polls");
    assert(isAlive(daemon), "the daemon lives on");
    // The FIFO has lost its reader, so that opening it would block for ever.
    await Deno.remove(`${polled.path}/supervise/control`);
  });

  test("-n limits the number of checks, and the service goes on, not ready", async () => {
    await using polled = await polledService(supervisor, { options: "-n 3 -w 10" });
    assertMatch(
      await polled.text("errors"),
      /warning: the service is up, but not ready: gave up after 3 checks; .*check exited 1\n/,
    );
    assertEquals(await polled.text("checks"), "\n\n\n");
    const { ready, pid } = await readStatusFile(polled.path);
    assertEquals([ready, pid], [false, await polled.daemon()]);
  });

  test("-T limits the time, even that of a check that does not end", async () => {
    await using polled = await polledService(supervisor, {
      options: "-T 1500",
      check: "#!/bin/sh\necho $$ >check-pid\nexec sleep 1000\n",
    });
    const check = Number(await polled.text("check-pid"));
    assertMatch(await polled.text("errors"), /not ready: timed out after 1 check; .*too long\n/);
    await until(() => !isAlive(check), "the end of the check");
  });

  test("-t kills a check with its children, even one that ignores SIGTERM", async () => {
    await using polled = await polledService(supervisor, {
      // A slow host may end a check before it has said who it is, and then there is another one.
      options: "-t 200 -w 10 -n 0",
      check: "#!/bin/sh\ntrap '' TERM\n" +
        "test ! -e check-pids || { echo $$ >>check-pids; exit 0; }\n" +
        "echo $$ >>check-pids\nsleep 1000\nsleep 1000\n",
    });
    assertEquals(await polled.events.until("U"), "suU");
    const [first, second] = (await polled.text("check-pids")).trim().split("\n").map(Number);
    assert(first !== undefined && second !== undefined);
    assert(!isAlive(first));
  });

  test("-s sleeps before the first check", async () => {
    await using polled = await polledService(supervisor, {
      options: "-s 400",
      before: "date +%s%N >started",
      check: "#!/bin/sh\ndate +%s%N >checked\n",
    });
    await polled.events.until("U");
    const passed = Number(await polled.text("checked")) - Number(await polled.text("started"));
    assert(passed >= 400e6, `the first check came after ${passed / 1e6} ms`);
  });

  test("-c runs a command line instead of data/check", async () => {
    await using polled = await polledService(supervisor, {
      options: "-n 0 -w 20 -c 'test -e ready'",
      check: "#!/bin/sh\necho >data-check-was-run\n",
    });
    await polled.daemon();
    await polled.write("ready");
    await polled.events.until("U");
    const found = [...Deno.readDirSync(polled.path)].map((entry) => entry.name);
    assert(!found.includes("data-check-was-run"));
  });

  test("-3 names the descriptor", async () => {
    await using polled = await polledService(supervisor, {
      options: "-3 9 -n 0 -w 20",
      before: "exec 9>&3 3>&-",
    });
    await polled.daemon();
    await polled.write("ready");
    await polled.events.until("U");
  });

  test("the long options are those of s6", async () => {
    await using polled = await polledService(supervisor, {
      options: "--doublefork --notification-fd=3 --initial-sleep 0 --global-timeout=60000 " +
        "--local-timeout=5000 --waiting-time=20 --tries=0 --check-program='test -e ready'",
    });
    await polled.daemon();
    await polled.write("ready");
    await polled.events.until("U");
  });

  test("a check that can't be run causes one warning, and may be created later", async () => {
    await using polled = await polledService(supervisor);
    await polled.daemon();
    await Deno.remove(`${polled.path}/data/check`);
    const warning = new RegExp(
      `warning: Cannot run ./data/check: No such file or directory, in ${polled.path};`,
    );
    assertMatch(await polled.text("errors"), warning);
    await Deno.writeTextFile(`${polled.path}/data/check`, "#!/bin/sh\nexit 0\n");
    await Deno.chmod(`${polled.path}/data/check`, 0o755);
    await polled.events.until("U");
    const lines = (await polled.text("errors")).trim().split("\n");
    assertEquals(lines.filter((line) => warning.test(line)).length, 1);
  });

  test("a check that is not executable causes a warning, and may become executable", async () => {
    await using polled = await polledService(supervisor, { before: "chmod -x data/check" });
    await polled.daemon();
    await polled.write("ready");
    assertMatch(
      await polled.text("errors"),
      /warning: Cannot run .\/data\/check: Permission denied/,
    );
    await Deno.chmod(`${polled.path}/data/check`, 0o755);
    await polled.events.until("U");
  });

  test("ports, URLs, sockets and files are checked without a process, and all must hold", async () => {
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      () => new Response("hello"),
    );
    const { port } = server.addr;
    await using polled = await polledService(supervisor, {
      options: `-n 0 -w 20 --backoff 1.1 --tcp ${port} --http http://127.0.0.1:${port}/ ` +
        "--any-owner --unix socket --file ready --pid-file daemon-pid",
      check: "#!/bin/sh\necho >data-check-was-run\n",
    });
    await polled.daemon();
    await polled.write("ready");
    const status = async () =>
      JSON.parse((await run([...svCommand("stat"), "--json", polled.path])).stdout).polling;
    await until(async () => (await status())?.tries >= 3, "three checks");
    const { state, lastFailure } = await status();
    assertEquals(
      [state, lastFailure],
      ["polling", "cannot connect to socket: No such file or directory"],
    );
    assertEquals((await readStatusFile(polled.path)).ready, false);
    const socket = Deno.listen({ transport: "unix", path: `${polled.path}/socket` });
    await polled.events.until("U");
    await until(async () => (await status()).state === "ready", "the end of polling");
    const found = [...Deno.readDirSync(polled.path)].map((entry) => entry.name);
    assert(!found.includes("data-check-was-run"));
    socket.close();
    await server.shutdown();
  });

  testNeeding(
    [missingPrograms("perl")],
    `under ${name}, a stranger who answers does not make the service ready, and is named`,
    async () => {
      const stranger = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen() {} },
        () => new Response("hello"),
      );
      const { port } = stranger.addr;
      await using polled = await polledService(supervisor, {
        options: `-n 0 -w 20 --http http://127.0.0.1:${port}/ --tcp ${port}`,
        daemon: perlServer(port),
      });
      await polled.daemon();
      const lastFailure = async () =>
        JSON.parse((await run([...svCommand("stat"), "--json", polled.path])).stdout).polling
          ?.lastFailure;
      const reason = await until(
        async () => (await lastFailure())?.includes("answered by") && await lastFailure(),
        "a check to be answered by the stranger",
      );
      assertMatch(
        reason,
        new RegExp(
          `^127.0.0.1:${port} is answered by .+ \\(pid ${Deno.pid}\\), which isn't part of this ` +
            "service; --any-owner would allow that$",
        ),
      );
      assertEquals((await readStatusFile(polled.path)).ready, false);
      await stranger.shutdown();
      await polled.events.until("U");
    },
  );

  test("-c runs last, when all else holds", async () => {
    await using polled = await polledService(supervisor, {
      options: "-n 0 -w 20 -c ./data/check --file ready",
      check: "#!/bin/sh\necho x >>commands\n",
    });
    await polled.daemon();
    await until(
      () =>
        Deno.readTextFile(`${polled.path}/supervise/readiness`).then(
          (text) => /TRIES=([3-9]|\d\d)/.test(text),
          () => false,
        ),
      "three checks",
    );
    await polled.write("ready");
    await polled.events.until("U");
    assertEquals(await polled.text("commands"), "x\n");
  });

  test("a restarted daemon is polled again", async () => {
    await using polled = await polledService(supervisor);
    await polled.write("ready");
    assertEquals(await polled.events.until("U"), "suU");
    Deno.kill((await readStatusFile(polled.path)).pid, "SIGKILL");
    assertMatch(await polled.events.until("U"), /^dD?uU$/);
    assertEquals((await run(["s6-svstat", "-o", "ready", polled.path])).stdout, "true\n");
  });
}
