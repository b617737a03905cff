import { assert, assertEquals, assertMatch } from "@std/assert";
import { exists } from "@std/fs/exists";
import { isAlive, ofThreads } from "../../support/processes.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { readStatusFile } from "../../support/status_file.ts";
import { supervisors } from "../../support/supervisor.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { supervisedService } from "../supervised_service.ts";

const COMMAND = `${sv.join(" ")} background-watch`;

/** A daemon that forks: `daemon` becomes `body` in the background, and exits when that has a pidfile. */
const forking = (body: string) => ({
  executables: {
    body: `#!/bin/sh\n${body}`,
    daemon: "#!/bin/sh\n./go fork\nsetsid ./body >/dev/null 2>&1 &\necho $! >pid\n",
  },
});

/** A daemon that writes the signals that it gets to a file. */
const NOTE_SIGNALS =
  'for name in USR1 USR2 HUP WINCH ALRM; do trap "echo $name >>signals" $name; done\n' +
  "trap 'exit 7' TERM\nls -l /proc/$$/fd >fds\nwhile :; do sleep 0.05; done\n";

for (const [name, supervisor] of Object.entries(supervisors)) {
  const test = (promise: string, check: () => Promise<void>) =>
    Deno.test(`under ${name}, ${promise}`, check);

  test("a daemon in the background is ready when its parent exits, and supervised from then on", async () => {
    await using service = await supervisedService(
      supervisor,
      `${COMMAND} -d 3 pid ./daemon`,
      forking(NOTE_SIGNALS),
    );
    assertEquals(await service.events.until("u"), "su");
    await service.go("fork");
    assertEquals(await service.events.until("U"), "U");
    const daemon = Number(await service.text("pid"));
    const { pid, ready } = await readStatusFile(service.path);
    assert(ready && pid !== daemon);
    // The notification descriptor is not the daemon's.
    assert(!(await service.text("fds")).includes(" 3 -> pipe"));

    for (
      const [command, signal] of [["1", "USR1"], ["2", "USR2"], ["h", "HUP"], ["y", "WINCH"], [
        "a",
        "ALRM",
      ]]
    ) {
      await service.supervisor.send(command!);
      await until(
        async () =>
          (await Deno.readTextFile(`${service.path}/signals`).catch(() => "")).includes(signal!),
        `the daemon to get ${signal}`,
      );
    }
    await service.supervisor.send("d");
    assertEquals(await service.events.until("D"), "dD");
    assertEquals((await readStatusFile(service.path)).waitStatus, 7 << 8);
    assert(!isAlive(daemon));
  });

  test("the service dies when the daemon does, with 128 + its signal", async () => {
    await using service = await supervisedService(
      supervisor,
      `${COMMAND} -d 3 pid ./daemon`,
      forking("exec sleep 1000\n"),
    );
    await service.go("fork");
    await service.events.until("U");
    await service.supervisor.send("O");
    Deno.kill(Number(await service.text("pid")), "SIGKILL");
    assertMatch(await service.events.until("D"), /dD$/);
    assertEquals((await readStatusFile(service.path)).waitStatus, 137 << 8);
  });
}

/** Runs background-watch without a supervisor, in a directory of its own. */
async function byHand(args: string, prepare = ":") {
  await using directory = await temporaryDirectory();
  return await run(["sh", "-c", `${prepare}; exec ${COMMAND} ${args}`], { cwd: directory.path });
}

for (
  const [promise, args, code, complaint, prepare] of [
    [
      "the daemon's exit code is passed on",
      "pid sh -c '(sleep 0.1; exit 9) & echo $! >pid'",
      9,
      /^$/,
      ":",
    ],
    [
      "the exit code of a daemon that is dead already is passed on, too",
      // By perl: a shell may reap its child, and then the daemon is no orphan.
      `pid perl -e 'exit 5 unless $p = fork; select undef, undef, undef, 0.1; open F, ">pid"; print F "$p\n"'`,
      5,
      /^$/,
      ":",
    ],
    [
      "the pidfile may come after the parent's exit",
      "pid sh -c '(sleep 0.2; echo $$ >unused; sh -c \"echo \\$PPID\" >pid; sleep 0.2; exit 6) &'",
      6,
      /^$/,
      ":",
    ],
    [
      "a parent that fails ends it with the parent's exit code",
      "pid sh -c 'exit 3'",
      3,
      /did not go into the background; it exited 3/,
      ":",
    ],
    [
      "a parent that is killed ends it with 128 + the signal",
      "pid sh -c 'kill -9 $$'",
      137,
      /signal KILL ended it/,
      ":",
    ],
    [
      "-t kills the parent",
      "-t 100 pid sleep 1000",
      137,
      /not gone into the background in 100 mill/,
      ":",
    ],
    ["a missing pidfile is an error", "pid true", 104, /but the pidfile pid does not exist/, ":"],
    [
      "a pidfile that holds no process id is refused",
      "pid true",
      104,
      /the pidfile pid holds no process id, but "x"/,
      "echo x >pid",
    ],
    [
      "a pidfile that names another program's process is refused",
      "pid true",
      104,
      /names process 1, which was not started by it/,
      "echo 1 >pid",
    ],
    ["a missing program is an error", "pid ./none", 127, /cannot run \.\/none/, ":"],
    [
      "a program that may not be run is an error",
      "pid ./none",
      126,
      /cannot run \.\/none/,
      ">none",
    ],
    [
      "a descriptor that is not open is refused",
      "-d 3 pid true",
      111,
      /descriptor 3 .* is not open/,
      "exec 3>&-",
    ],
    [
      "a standard descriptor is refused",
      "-d 2 pid true",
      100,
      /option -d takes the number of a descriptor from 3 to/,
      ":",
    ],
    ["no program is wrong usage", "pid", 100, /no program given\nusage: sv background-watch/, ":"],
  ] as const
) {
  Deno.test(`background-watch: ${promise}`, async () => {
    const { code: found, stderr } = await byHand(args, prepare);
    assertMatch(stderr, complaint);
    assertEquals(found, code);
  });
}

Deno.test("background-watch: the pidfile of a parent that failed is removed", async () => {
  await using directory = await temporaryDirectory();
  await run(["sh", "-c", `exec ${COMMAND} pid sh -c 'echo 1 >pid; exit 1'`], {
    cwd: directory.path,
  });
  assert(!await exists(`${directory.path}/pid`));
});

Deno.test("background-watch: orphans of the daemon are reaped", async () => {
  await using directory = await temporaryDirectory();
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      `exec ${COMMAND} pid sh -c '(for child in 1 2 3; do (sleep 0 & echo $! >>orphans); done; ` +
      `exec sleep 1000) & echo $! >pid'`,
    ],
    cwd: directory.path,
    stdin: "null",
  }).spawn();
  try {
    const orphans = await until(async () => {
      const text = await Deno.readTextFile(`${directory.path}/orphans`).catch(() => "");
      return text.trim().split("\n").length === 3 && text.trim().split("\n").map(Number);
    }, "three orphans");
    for (const pid of orphans) {
      await until(
        async () => !await exists(`/proc/${pid}`),
        `orphan ${pid} to be reaped`,
      );
    }
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 143);
  } finally {
    await child.status;
  }
});

Deno.test("background-watch: no thread of this program takes a signal before it is passed on", async () => {
  await using service = await supervisedService(
    supervisors.sv,
    `${COMMAND} -d 3 pid ./daemon`,
    forking("exec sleep 1000\n"),
  );
  await service.go("fork");
  await service.events.until("U");
  const { pid } = await readStatusFile(service.path);
  for (const [thread, status] of ofThreads(pid, "status")) {
    const blocked = BigInt(`0x${/^SigBlk:\t(\w+)$/m.exec(status)![1]}`);
    for (const signal of [1, 2, 3, 10, 12, 14, 15, 28, 40]) {
      assert(blocked & (1n << BigInt(signal - 1)), `signal ${signal} in thread ${thread}`);
    }
  }
});

Deno.test("background-watch: the daemon has all that run had, except for the notification descriptor", async () => {
  const note = (word: string) =>
    `ls /proc/self/fd | tr '\\n' ' ' >${word}-fds; echo >>${word}-fds; ulimit -Sn >${word}-limit; ` +
    `grep '^Sig[BI]' /proc/self/status >${word}-signals; ` +
    `env | grep -Ev '^(_|SHLVL)=' | sort >${word}-environment; echo >${word}-done\n`;
  await using service = await supervisedService(
    supervisors.sv,
    `${COMMAND} -d 3 pid ./daemon`,
    {
      run: `exec 5<run\nulimit -Sn 300\nexport WITNESS='a b'\n${note("run")}`,
      executables: {
        daemon: `#!/bin/sh\n${note("daemon")}sleep 1000 &\necho $! >pid\n`,
      },
    },
  );
  await service.events.until("U");
  await service.text("daemon-done");
  // `ls` itself takes the lowest number that is free.
  assertEquals(
    await service.text("daemon-fds"),
    (await service.text("run-fds")).replace(" 4 ", " "),
  );
  for (const kind of ["limit", "environment"]) {
    assertEquals(await service.text(`daemon-${kind}`), await service.text(`run-${kind}`), kind);
  }
  const bits = (text: string) =>
    text.match(/\w{16}/g)!.map((mask) => BigInt(`0x${mask}`) % 2n ** 31n);
  assertEquals(bits(await service.text("daemon-signals")), bits(await service.text("run-signals")));
});
