import { assert, assertEquals, assertMatch } from "@std/assert";
import { exists } from "@std/fs/exists";
import { isAlive, processesIn } from "../../support/processes.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { service, type ServiceFiles } from "../../support/service.ts";
import { start } from "../../support/start.ts";
import { readStatusFile } from "../../support/status_file.ts";
import { supervisors } from "../../support/supervisor.ts";
import { until } from "../../support/until.ts";
import { assertInherited } from "../inherited.ts";
import { besideDaemon } from "../polled_service.ts";
import { supervisedService } from "../supervised_service.ts";

const COMMAND = `${sv.join(" ")} notify-fd-from-socket`;

/** The beginning of every daemon here: writes its pid and its environment to files. */
const DAEMON = "#!/bin/sh\necho $$ >daemon-pid\nenv | sort >environment\n";

/** Sends a message by perl, which does not wait for a barrier. */
const SEND = "#!/usr/bin/perl\nuse Socket;\nmy ($to, $text) = @ARGV;\n$to =~ s/^@/\\0/;\n" +
  "socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die;\n" +
  "send($s, $text, 0, pack_sockaddr_un($to)) or die $!;\n";

/** Sends the last descriptor of a connection that lingers for 100 s, with data that nobody reads. */
const LINGER = `#!/usr/bin/env python3
import os, signal, socket, struct, sys, time
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
lingering = socket.create_connection(listener.getsockname())
peer, _ = listener.accept()
lingering.setblocking(False)
try:
    while True: lingering.send(b"x" * 65536)
except BlockingIOError: pass
lingering.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 100))
to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
# The peer stays open in a child: a connection without one does not linger.
if os.fork() == 0:
    lingering.close()
    os.close(1)
    os.close(2)
    time.sleep(60)
    os._exit(0)
# The receiver has the last descriptor: it reads only when this process has ended.
os.kill(int(sys.argv[2]), signal.SIGSTOP)
to.sendmsg([b"X=1"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", lingering.fileno()))],
           0, sys.argv[1].replace("@", "\\0", 1))
os._exit(0)
`;

/** Returns the process in a service directory that only reads the daemon's socket. */
async function readerOf(path: string): Promise<number | undefined> {
  for (const pid of await processesIn(path)) {
    const line = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
    if (line.startsWith("perl\0-e\0")) return pid;
  }
  return undefined;
}

/** A service under notify-fd-from-socket. */
function notifying(
  supervisor: readonly string[],
  daemon: string,
  options = "",
  contents: ServiceFiles = {},
) {
  return supervisedService(supervisor, `${COMMAND} ${options} ./daemon`, {
    ...contents,
    executables: { daemon: DAEMON + daemon, send: SEND, ...contents.executables },
  });
}

/** The address of the socket, as the daemon got it. */
async function address(service: { text(file: string): Promise<string> }): Promise<string> {
  return /^NOTIFY_SOCKET=(.*)$/m.exec(await service.text("environment"))![1]!;
}

/** Returns what the daemon has told, from `sv stat --json`. */
async function said(path: string): Promise<{ state: string; status: string } | null> {
  return JSON.parse((await run([...sv, "stat", "--json", path])).stdout).daemon;
}

for (const [name, supervisor] of Object.entries(supervisors)) {
  const test = (promise: string, check: () => Promise<void>) =>
    Deno.test(`under ${name}, ${promise}`, check);

  test("READY=1 makes the service ready, and earlier messages do not", async () => {
    await using service = await notifying(
      supervisor,
      "systemd-notify STATUS=starting READY=0\n./go on\nsystemd-notify --ready\n" +
        "./go on\nsystemd-notify --ready\necho >again\nexec sleep 1000\n",
    );
    assertEquals(await service.events.until("u"), "su");
    await service.go("on");
    assertEquals(await service.events.until("U"), "U");
    const { ready, pid } = await readStatusFile(service.path);
    assertEquals([ready, String(pid)], [true, (await service.text("daemon-pid")).trim()]);
    await service.go("on");
    await service.text("again");
    await service.supervisor.send("d");
    assertEquals(await service.events.until("D"), "dD");
  });

  test("the daemon has what run had, but for the notification descriptor", async () => {
    const note = (word: string) =>
      `ls /proc/self/fd | tr '\\n' ' ' >${word}-fds; echo >>${word}-fds; ulimit -Sn >${word}-limit; ` +
      `grep '^Sig[BI]' /proc/self/status >${word}-signals; ` +
      `env | grep -Ev '^(_|NOTIFY_SOCKET)=' | sort >${word}-environment; echo $$ >${word}-pid\n`;
    await using service = await notifying(supervisor, `${note("daemon")}exec sleep 1000\n`, "", {
      run: `exec 5<run\ntrap '' HUP\nulimit -Sn 300\nexport WITNESS='a b'\n${note("run")}`,
    });
    await service.text("daemon-environment");
    const run = await service.text("run-fds");
    // `ls` itself takes the lowest number that is free.
    assertMatch(run, / 3 4 5 /);
    assertEquals(await service.text("daemon-fds"), run.replace(" 4 ", " "));
    await assertInherited(service, "limit", "environment", "pid");
  });

  test("processes of the service are heard: a child, and one in a session of its own", async () => {
    for (const sender of ["sh -c", "setsid sh -c", "setsid setsid -w sh -c"]) {
      await using service = await notifying(
        supervisor,
        `${sender} 'systemd-notify --pid=$$ READY=1; :' &\nwait\nexec sleep 1000\n`,
      );
      assertEquals(await service.events.until("U"), "suU", sender);
    }
  });

  test("processes of other services are ignored with one warning", async () => {
    await using service = await notifying(
      supervisor,
      "./go on\nsystemd-notify --ready\nexec sleep 1000\n",
    );
    const socket = await address(service);
    for (let count = 0; count < 3; count++) {
      const { code, stderr } = await service.outside(
        `./send ${socket} READY=1 && NOTIFY_SOCKET=${socket} systemd-notify --pid=$$ READY=1; :`,
      );
      assertEquals([code, stderr], [0, ""]);
    }
    assertEquals(await service.events.until("u"), "su");
    assertEquals((await readStatusFile(service.path)).ready, false);
    await service.go("on");
    assertEquals(await service.events.until("U"), "U");
    const errors = await service.text("errors");
    assertMatch(
      errors,
      /^sv notify-fd-from-socket service: warning: ignoring a notification from process \d+ of user 0: it is not one/,
    );
    assertEquals(errors.trim().split("\n").length, 1);
  });

  test("a MAINPID that names another process is warned about, and not followed", async () => {
    await using service = await notifying(
      supervisor,
      // The own process, twice: no warning. The kernel's first: a warning, once.
      "systemd-notify --pid=$$ STATUS=a\n./go on\nsystemd-notify MAINPID=1\n" +
        "systemd-notify MAINPID=1 READY=1\nexec sleep 1000\n",
    );
    await service.text("daemon-pid");
    await service.go("on");
    assertEquals(await service.events.until("U"), "suU");
    const pid = (await service.text("daemon-pid")).trim();
    assertEquals(String((await readStatusFile(service.path)).pid), pid);
    assertMatch(
      await service.text("errors"),
      new RegExp(
        `^sv notify-fd-from-socket service: warning: the daemon says that its main process is "1" \\(MAINPID\\), ` +
          `but process ${pid} is supervised, and stays so; [^\n]*\n$`,
      ),
    );
  });

  test("a barrier is answered, and descriptors in messages do no harm", async () => {
    await using service = await notifying(
      supervisor,
      "systemd-notify STATUS=one && systemd-notify STATUS=two && systemd-notify --ready && " +
        "echo >answered\nexec sleep 1000\n",
    );
    assertEquals(await service.events.until("U"), "suU");
    await service.text("answered");
  });

  test("a daemon that says READY=1 and dies at once leaves nothing", async () => {
    await using service = await notifying(supervisor, "systemd-notify --ready\nexit 0\n");
    assertMatch(await service.events.until("d"), /^suU?d$/);
    await service.supervisor.send("d");
    await until(() => besideDaemon(service.path) === undefined, "the process beside it to end");
  });

  test("the process beside the daemon ends when the daemon dies", async () => {
    await using service = await notifying(supervisor, "exec sleep 1000\n");
    const daemon = Number(await service.text("daemon-pid"));
    const beside = await until(() => besideDaemon(service.path), "the process beside the daemon");
    await service.supervisor.send("O");
    Deno.kill(daemon, "SIGKILL");
    await until(() => !isAlive(beside), "its end");
  });

  test("the process beside the daemon has no parent, and with -f the daemon", async () => {
    for (const option of ["", "-f", "--no-doublefork", "-f --doublefork"]) {
      await using service = await notifying(supervisor, "exec sleep 1000\n", option);
      const daemon = Number(await service.text("daemon-pid"));
      const beside = await until(() => besideDaemon(service.path), "the process beside the daemon");
      const status = await Deno.readTextFile(`/proc/${beside}/status`);
      assertEquals(
        new RegExp(`^PPid:\t${daemon}$`, "m").test(status),
        /(-f|fork)$/.test(option) &&
          !option.endsWith("--doublefork"),
        option,
      );
    }
  });

  test("-t gives up, and the service goes on, not ready", async () => {
    await using service = await notifying(supervisor, "exec sleep 1000\n", "-t 100");
    assertMatch(await service.text("errors"), /not ready: it did not say READY=1 in 100 milli/);
    await until(() => besideDaemon(service.path) === undefined, "the process beside it to end");
    const { ready, pid } = await readStatusFile(service.path);
    assertEquals([ready, String(pid)], [false, (await service.text("daemon-pid")).trim()]);
  });

  test("-3 names the descriptor, and --socket the socket, whose file is gone at the end", async () => {
    await using service = await notifying(
      supervisor,
      "./go on\nsystemd-notify --ready\nexec sleep 1000\n",
      "-3 9 --socket data/notify",
      { run: "exec 9>&3 3>&-\nmkdir -p data" },
    );
    assertEquals(await address(service), `${service.path}/data/notify`);
    assertEquals((await Deno.stat(`${service.path}/data/notify`)).mode! & 0o777, 0o666);
    await service.go("on");
    assertEquals(await service.events.until("U"), "suU");
    await service.supervisor.send("d");
    await until(
      async () => !await exists(`${service.path}/data/notify`),
      "the socket's file to be gone",
    );
  });

  test("a daemon in a PID namespace of its own is heard", async () => {
    await using service = await notifying(
      supervisor,
      "sh -c 'systemd-notify --ready STATUS=hello'\nexec sleep 1000\n",
      "",
      { files: { "flag-newpidns": "" } },
    );
    assertEquals(await service.events.until("U"), "suU");
    if (name === "sv") {
      await until(async () => (await said(service.path))?.status === "hello", "the status");
    }
  });

  test("the process beside the daemon becomes a small one when no message matters any more", async () => {
    for (const option of ["", "--ready-only", "-t 1"]) {
      await using service = await notifying(
        supervisor,
        `${option === "-t 1" ? "" : "systemd-notify --ready STATUS=x\n"}echo >told\n./go on\n` +
          "for try in 1 2 3 4 5 6 7 8 9 10; do systemd-notify --ready || echo failed >>failures\n" +
          "done\necho >answered\nexec sleep 1000\n",
        option,
      );
      await service.text("told");
      if (option !== "-t 1") assertEquals(await service.events.until("U"), "suU");
      if (name === "sv" && option === "") {
        assert(besideDaemon(service.path) !== undefined);
        continue;
      }
      const reader = await until(() => readerOf(service.path), "the small process");
      const memory = await Deno.readTextFile(`/proc/${reader}/smaps_rollup`);
      const own = Number(/^Private_Dirty: +(\d+) kB$/m.exec(memory)![1]);
      assert(own < 2000, `${own} kB`);
      // Signals to the whole service leave it alone.
      for (const signal of ["SIGHUP", "SIGTERM", "SIGINT", "SIGUSR1"] as const) {
        Deno.kill(reader, signal);
      }
      // An empty message is no end.
      await service.outside(`./send ${await address(service)} ''`);
      await service.go("on");
      await service.text("answered");
      assert(!await exists(`${service.path}/failures`));
      await service.supervisor.send("d");
      await service.events.until("D");
      await until(() => !isAlive(reader), "its end with the daemon");
    }
  });

  test("without perl the process beside the daemon stays, and answers barriers", async () => {
    await using service = await notifying(
      supervisor,
      "systemd-notify --ready\n./go on\nsystemd-notify --ready && systemd-notify STATUS=y && " +
        "echo >answered\nexec sleep 1000\n",
      "--ready-only",
      {
        run:
          "mkdir -p bin\nln -s /usr/bin/* /bin/* bin 2>/dev/null\nrm -f bin/perl*\nPATH=$PWD/bin",
      },
    );
    assertEquals(await service.events.until("U"), "suU");
    const beside = await until(() => besideDaemon(service.path), "the process beside the daemon");
    await service.go("on");
    await service.text("answered");
    assertEquals(besideDaemon(service.path), beside);
    await service.supervisor.send("d");
    await until(() => !isAlive(beside), "its end with the daemon");
  });

  test("a stranger's connection that lingers does not hold up the answers", async () => {
    await using service = await notifying(
      supervisor,
      "systemd-notify --ready\n./go on\nsystemd-notify --ready && echo >answered\nexec sleep 1000\n",
      "--ready-only",
      { executables: { linger: LINGER } },
    );
    assertEquals(await service.events.until("U"), "suU");
    const reader = await until(() => readerOf(service.path), "the small process");
    const { code, stderr } = await service.outside(
      `./linger ${await address(service)} ${reader}`,
    );
    assertEquals([code, stderr], [0, ""]);
    Deno.kill(reader, "SIGCONT");
    await service.go("on");
    // Without a limit it would take the time for which the connection lingers: 100 s.
    await service.text("answered");
  });
}

Deno.test("sv stat shows the messages of the daemon, as long as it lives", async () => {
  await using service = await notifying(
    supervisors.sv,
    "systemd-notify 'STATUS=warming up'\n./go on\nsystemd-notify --ready 'STATUS=at your service'\n" +
      "./go on\nsystemd-notify RELOADING=1\n./go on\nsystemd-notify READY=1\n./go on\n" +
      "systemd-notify STOPPING=1 STATUS=\n./go on\nexit 0\n",
  );
  const shown = async () => {
    const { stdout } = await run([...sv, "stat", service.path]);
    return /\d+ seconds(, ready \d+ seconds)?(.*)\n$/.exec(stdout)![2];
  };
  const becomes = async (state: string, sentence: string) => {
    await until(async () => (await said(service.path))?.state === state, `the state ${state}`);
    assertEquals(await shown(), sentence);
    await service.go("on");
  };
  await becomes("starting", ", status: warming up");
  await becomes("running", ", status: at your service");
  await becomes("reloading", ", reloading, status: at your service");
  await becomes("running", ", status: at your service");
  await becomes("stopping", ", stopping");
  assertEquals(await service.events.until("d"), "suUd");
  assertMatch(await service.events.until("u"), /^D?u$/);
  // The messages of the last daemon are not this one's.
  await until(async () => (await said(service.path))?.status === "warming up", "the new status");
});

Deno.test("a status of any bytes stays on its line", async () => {
  await using service = await notifying(
    supervisors.sv,
    './send "$NOTIFY_SOCKET" "$(printf \'STATUS=a\\tb\\033[2J\\377\\nREADY=1\')"\nexec sleep 1000\n',
    "",
    // perl does not wait for a barrier. So the sender stays alive until its message was read.
    { executables: { send: `${SEND}sleep 1000;\n` } },
  );
  assertEquals(await service.events.until("U"), "suU");
  const { stdout } = await run([...sv, "stat", service.path]);
  assertMatch(stdout, /, status: a b \[2J\W+\n$/u);
  assertEquals((await said(service.path))?.status, "a\tb\x1b[2J\ufffd");
});

Deno.test("a silent daemon is aborted and started again; one that sends WATCHDOG=1 is left alone", async () => {
  await using service = await notifying(
    supervisors.sv,
    "echo >>starts\nsystemd-notify --ready\ntrap 'test ! -e lived || echo >aborted; exit 1' ABRT\n" +
      'test "$(wc -l <starts)" -ge 2 || exec sleep 1000 3>&-\n' +
      "for beat in 1 2 3 4 5 6 7 8; do sleep 0.3; systemd-notify WATCHDOG=1; done\n" +
      "echo >lived\nwhile :; do sleep 0.1; done\n",
    "",
    { files: { "data/sv/watchdog": "1200\n" } },
  );
  const environment = await service.text("environment");
  const pid = (await service.text("daemon-pid")).trim();
  assertMatch(environment, new RegExp(`^WATCHDOG_PID=${pid}\nWATCHDOG_USEC=1200000$`, "m"));
  assertMatch(await service.events.until("d"), /^suUd$/);
  // SIGABRT ended the first.
  assertEquals((await readStatusFile(service.path)).waitStatus & 0x7f, 6);
  assertMatch(
    service.supervisor.stderr,
    /run has been silent for longer than data\/sv\/watchdog allows/,
  );
  // The second sends WATCHDOG=1 for twice the limit, and then stops. Where a slow host has kept it from
  // sending in time, it was aborted rightly, and the next one does the same.
  await until(async () => {
    assertMatch(await service.events.until("d"), /^D?uUd$/);
    return await exists(`${service.path}/lived`);
  }, "a daemon that sends WATCHDOG=1 to live for twice the limit");
  await service.text("aborted");
});

Deno.test("a silent daemon that is stopped, or is to go down, is left alone", async () => {
  await using service = await notifying(
    supervisors.sv,
    // It is not silent before it is told to stop, and then for more than twice the limit.
    "trap 'echo >told' TERM\ntrap 'test ! -e told || echo >aborted' ABRT\nsystemd-notify --ready\n" +
      "while test ! -e told; do systemd-notify WATCHDOG=1; sleep 0.2; done\n" +
      "for wait in 1 2 3 4 5 6 7 8 9; do sleep 0.3; done\necho >quiet\n./go on\nexit 0\n",
    "",
    { files: { "data/sv/watchdog": "1200\n" } },
  );
  assertEquals(await service.events.until("U"), "suU");
  await service.supervisor.send("d");
  await service.text("told");
  await service.text("quiet");
  await service.go("on");
  assertEquals(await service.events.until("D"), "dD");
  assert(!await exists(`${service.path}/aborted`));
});

Deno.test("under s6, which knows no watchdog, the daemon gets none", async () => {
  await using service = await notifying(
    supervisors.s6,
    "systemd-notify --ready\nexec sleep 1000\n",
    "",
    {
      run: "export WATCHDOG_USEC=1 WATCHDOG_PID=1",
      files: { "data/sv/watchdog": "100\n" },
    },
  );
  assertEquals(await service.events.until("U"), "suU");
  assert(!(await service.text("environment")).includes("WATCHDOG"));
  assert(!await exists(`${service.path}/supervise/sd-status`));
});

Deno.test("a watchdog that is not a number causes a warning", async () => {
  await using service = await notifying(
    supervisors.sv,
    "systemd-notify --ready\nexec sleep 1000\n",
    "",
    { files: { "data/sv/watchdog": "soon\n" } },
  );
  assertEquals(await service.events.until("U"), "suU");
  assertMatch(
    await service.text("errors"),
    /invalid data\/sv\/watchdog: "soon" is no number of milli/,
  );
  assert(!(await service.text("environment")).includes("WATCHDOG"));
});

Deno.test("a watchdog in its former place is none, and a warning names the new one", async () => {
  await using service = await notifying(
    supervisors.sv,
    "systemd-notify --ready\nexec sleep 1000\n",
    "",
    { files: { "data/watchdog": "100\n" } },
  );
  assertEquals(await service.events.until("U"), "suU");
  assertMatch(
    await service.text("errors"),
    /warning: the daemon has no watchdog: data\/watchdog has .* data\/sv\/watchdog only; move/,
  );
  assert(!(await service.text("environment")).includes("WATCHDOG"));
});

Deno.test("EXTEND_TIMEOUT_USEC extends -t, and timeout-kill", async () => {
  await using service = await notifying(
    supervisors.sv,
    "trap 'systemd-notify EXTEND_TIMEOUT_USEC=60000000; echo >extended' TERM\n" +
      "systemd-notify EXTEND_TIMEOUT_USEC=60000000\nsleep 1.7\nsystemd-notify --ready\n" +
      "while test ! -e extended; do sleep 0.1; done\nsleep 1.7\nexit 0\n",
    "-t 1500",
    { files: { "timeout-kill": "1500\n" } },
  );
  assertEquals(await service.events.until("U"), "suU");
  await service.supervisor.send("d");
  assertEquals(await service.events.until("D"), "dD");
  assertEquals((await readStatusFile(service.path)).waitStatus, 0);
});

Deno.test("messages of the daemon reach a supervisor that took the service over", async () => {
  await using service = await notifying(
    supervisors.sv,
    "./go on\nsystemd-notify --ready STATUS=x\nexec sleep 1000\n",
  );
  const pid = Number(await service.text("daemon-pid"));
  await until(() => besideDaemon(service.path), "the process beside the daemon");
  Deno.kill(service.supervisor.pid, "SIGKILL");
  await service.supervisor.exited;
  assert(isAlive(pid));
  // A scan takes over daemons that outlived their supervisor.
  const scan = start([...sv, "scan", service.path.slice(0, service.path.lastIndexOf("/"))]);
  try {
    await until(
      async () =>
        (await run(["s6-svok", service.path])).code === 0 &&
        (await readStatusFile(service.path)).pid === pid,
      "the scan to take over",
    );
    await service.go("on");
    await until(async () => (await readStatusFile(service.path)).ready, "readiness");
    assertEquals((await readStatusFile(service.path)).pid, pid);
    await until(async () => (await said(service.path))?.status === "x", "the status");
  } finally {
    scan.kill("SIGKILL");
    await scan.status;
  }
});

for (
  const [promise, files, before, code, complaint] of [
    ["there is no notification-fd", {}, "", 111, /there is no file notification-fd in/],
    ["notification-fd is no number", { "notification-fd": "x\n" }, "", 100, /is no descriptor/],
    ["the descriptor is not open", { "notification-fd": "3\n" }, "exec 3>&-; ", 111, /is not open/],
  ] as const
) {
  Deno.test(`notify-fd-from-socket fails with a reason when ${promise}`, async () => {
    await using directory = await service({ files });
    const { code: found, stderr } = await run(["sh", "-c", `${before}exec ${COMMAND} true`], {
      cwd: directory.path,
    });
    assertEquals(found, code);
    assertMatch(stderr, complaint);
  });
}

Deno.test("notify-fd-from-socket without a program is wrong usage", async () => {
  const { code, stderr } = await run([...sv, "notify-fd-from-socket", "-t", "5"]);
  assertEquals(code, 100);
  assertMatch(stderr, /no program given\nusage: sv notify-fd-from-socket \[-3 fd\]/);
});
