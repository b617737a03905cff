/** Each command beside the program of s6 that it stands in for, on services of s6-supervise. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { death, packDeathTally } from "../../lib/servicedir/death_tally.ts";
import { packStatus } from "../../lib/servicedir/status.ts";
import { exited, signaled } from "../../lib/os/wait_status.ts";
import { DEADLINE } from "../support/deadline.ts";
import { DOWN } from "../support/down_status.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { seeds, withRandom } from "../support/random.ts";
import { run, type RunOptions } from "../support/run.ts";
import { service } from "../support/service.ts";
import {
  READY_AT_ONCE,
  READY_WHEN_TOLD,
  SILENT,
  supervisedByS6,
} from "../support/supervised_by_s6.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";
import { writeFifo } from "../support/write_fifo.ts";

/** Registers a test for which s6 has to be installed. */
const testBesideS6 = (name: string, test: () => Promise<void>) =>
  testNeeding([missingPrograms("s6-supervise", "s6-svc", "s6-ftrig-wait")], name, test);

const runSv = (args: readonly string[], options: RunOptions = {}) => run([...sv, ...args], options);

const names = (directory: string) => [...Deno.readDirSync(directory)].map(({ name }) => name);

/** Runs a program of s6 and `sv` in its place: exit codes and standard output must be the same. */
async function same(
  counterpart: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ code: number; stdout: string }> {
  const outcome = async (command: readonly string[]) => {
    const { code, stdout } = await run(command, options);
    return { code, stdout };
  };
  const theirs = await outcome([counterpart, ...args]);
  assertEquals(await outcome([...sv, counterpart, ...args]), theirs, `${counterpart} ${args}`);
  return theirs;
}

testBesideS6("stat prints the fields that s6-svstat prints", async () => {
  await using place = await supervisedByS6({
    run: READY_AT_ONCE,
    files: { "notification-fd": "3\n" },
  });
  const steady =
    "up,wantedup,normallyup,ready,paused,pid,exitcode,signal,signum,updownsince,readysince";
  assertEquals((await run(["s6-svwait", "-t", `${DEADLINE}`, "-U", place.path])).code, 0);
  await same("s6-svstat", ["-o", steady, place.path]);
  await same("s6-svstat", ["-uwNrpes", "-n", place.path]);
  await same("s6-svstat", ["-o", "up,", "-r", place.path]);
  await same("s6-svstat", ["-o", "up", place.path, `${place.parent}/none`]);
  assertEquals((await run(["s6-svc", "-wD", "-d", place.path])).code, 0);
  await same("s6-svstat", ["-o", steady, place.path]);
  const { stdout } = await runSv(["s6-svstat", "-n", place.path]);
  assertMatch(stdout, /^down \(signal 15\) \d+ seconds, normally up, ready \d+ seconds\n$/);
  const own = await runSv(["stat", "-n", place.path]);
  assertMatch(own.stdout, /^down \(signal 15\) \d+ seconds, normally up\n$/);
});

testBesideS6("the sentence of s6-svstat is the same for any status, byte for byte", async () => {
  await using place = await supervisedByS6({ run: SILENT, files: { down: "" } });
  const write = (bytes: Uint8Array) => Deno.writeFileSync(`${place.path}/supervise/status`, bytes);
  const theirs = async () => (await run(["s6-svstat", place.path])).stdout;
  // Versions before 2.13.2 know no service that was not started yet, and print no process group.
  write(packStatus({ ...DOWN, paused: true }));
  const knowsNotStarted = (await theirs()).includes("not started");
  const [seed = 7] = seeds(7);
  await withRandom(seed, async (random) => {
    const now = BigInt(Date.now()) * 1_000_000n;
    const instant = () => now - BigInt(random.below(100_000)) * 1_000_000_000n;
    for (let round = 0; round < 40; round++) {
      const pid = random.below(3) * 4321;
      const status = packStatus({
        ...DOWN,
        pid,
        stamp: instant(),
        readyStamp: instant(),
        waitStatus: random.chance(0.5)
          ? random.below(256) << 8
          : random.pick([1, 2, 3, 9, 11, 13, 14, 15, 139]),
      });
      const flags = random.below(16);
      // The last byte has the flags, also those that no supervisor combines.
      status[34] = pid === 0 && !knowsNotStarted ? flags & ~1 : flags;
      write(status);
      const before = await theirs();
      const ours = (await run([...sv, "s6-svstat", place.path])).stdout;
      // A second may have gone by.
      const possible = [before, await theirs()];
      const printed = before.includes(" pgid ") ? ours : ours.replace(/ pgid \d+/, "");
      assert(possible.includes(printed), `flags ${flags}, pid ${pid}: ${printed}, not ${possible}`);
    }
  });
});

testBesideS6("stat refuses what s6-svstat refuses, with the same exit code", async () => {
  await using place = await service({ run: SILENT });
  for (
    const args of [[], ["-x"], ["-o", "up,nonsense", "."], ["-o"], [place.path], [
      `${place.path}/none`,
    ]]
  ) await same("s6-svstat", args);
});

testBesideS6(
  "stat of several services has a line for each, and goes on after one that fails",
  async () => {
    await using place = await supervisedByS6({ run: SILENT });
    const missing = `${place.parent}/missing`;
    const { code, stdout, stderr } = await runSv(["stat", "-u", place.path, missing, place.path]);
    assertEquals(code, 1);
    assertEquals(stdout, `${place.path}: true\n`.repeat(2));
    assertMatch(stderr, /missing: there is no such directory\n$/);
  },
);

testBesideS6("stat --json prints an object on a line for each service", async () => {
  await using place = await supervisedByS6({ run: SILENT, files: { down: "" } });
  assertEquals((await run(["s6-svc", "-wu", "-u", place.path])).code, 0);
  const { stdout } = await runSv(["stat", "--json", place.path, place.path]);
  const [first, second] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(second.pid, first.pid);
  const { pid, changed, readyChanged: _, ...rest } = first;
  assertEquals(
    (await run(["s6-svstat", "-o", "pid,updownsince", place.path])).stdout,
    `${pid} ${changed.tai64n}\n`,
  );
  assertEquals(rest, {
    version: 1,
    dir: place.path,
    up: true,
    ready: false,
    paused: false,
    finishing: false,
    finished: false,
    wantedUp: true,
    normallyUp: false,
    started: true,
    pgid: pid,
    exitCode: null,
    signal: null,
    signalNumber: null,
    failure: null,
    deaths: 0,
    daemon: null,
    polling: null,
  });
});

testBesideS6(
  "wait sees each state as s6-svwait does, and exits 99 when the time is up",
  async () => {
    await using place = await supervisedByS6({ run: SILENT });
    assertEquals((await run(["s6-svwait", "-t", `${DEADLINE}`, "-u", place.path])).code, 0);
    for (const option of ["-u", "-U", "-d", "-D", "-r", "-R"]) {
      await same("s6-svwait", [option, "-t", "300", place.path]);
    }
    assertEquals((await run(["s6-svc", "-wD", "-d", place.path])).code, 0);
    for (const option of ["-u", "-U", "-d", "-D", "-r", "-R"]) {
      await same("s6-svwait", [option, "-t", "300", place.path]);
    }
    assertEquals(names(`${place.path}/event`), []);
  },
);

testBesideS6("wait refuses what s6-svwait refuses, with the same exit code", async () => {
  await using place = await service({ run: SILENT });
  // For newer versions of s6 it is no error to wait for nothing.
  assertEquals((await runSv(["wait"])).code, 0);
  for (const args of [["-x"], ["-t", "soon", "."], [place.path], [`${place.path}/none`]]) {
    await same("s6-svwait", args);
  }
});

testBesideS6("wait wakes when the service says that it is ready", async () => {
  await using place = await supervisedByS6({
    run: READY_WHEN_TOLD,
    files: { "notification-fd": "3\n" },
  });
  const waiting = runSv(["wait", "-U", "-t", `${DEADLINE}`, place.path]);
  await until(() => names(`${place.path}/event`).length === 1, "the listener");
  await writeFifo(`${place.path}/go`, "\n");
  assertEquals((await waiting).code, 0);
  assertEquals(names(`${place.path}/event`), []);
});

testBesideS6("wait exits with the number of services that failed permanently", async () => {
  const contents = {
    run: "#!/bin/sh\nexit 1\n",
    finish: "#!/bin/sh\nexit 125\n",
    files: { down: "" },
  };
  await using one = await supervisedByS6(contents);
  await using two = await supervisedByS6(contents);
  const waiting = runSv(["wait", "-U", "-t", `${DEADLINE}`, one.path, two.path]);
  for (const { path } of [one, two]) {
    await until(() => names(`${path}/event`).length === 1, "the listener");
    assertEquals((await run(["s6-svc", "-u", path])).code, 0);
  }
  const { code, stderr } = await waiting;
  assertEquals(code, 2, stderr);
  for (const { path } of [one, two]) assertEquals(stderr.includes(path), true);
});

testBesideS6("control sends what s6-svc sends", async () => {
  const heard = `${crypto.randomUUID()}`;
  const traps = ["ALRM", "ABRT", "QUIT", "HUP", "TERM", "INT", "USR1", "USR2", "WINCH"]
    .map((signal) => `trap 'echo ${signal} >>${heard}' ${signal}`).join("\n");
  await using place = await supervisedByS6({
    run: `#!/bin/sh\n${traps}\n: >${heard}\nwhile :; do sleep 0.01; done\n`,
  });
  const path = `${place.path}/${heard}`;
  const said = () => Deno.readTextFile(path).catch(() => undefined);
  await until(async () => await said() === "", "the traps to be set");
  for (
    const [option, signal] of [
      ["-a", "ALRM"],
      ["-b", "ABRT"],
      ["-q", "QUIT"],
      ["-h", "HUP"],
      ["-t", "TERM"],
      ["-i", "INT"],
      ["-1", "USR1"],
      ["-s2", "INT"],
      ["-susr2", "USR2"],
      ["-sSIGWINCH", "WINCH"],
      ["-r", "TERM"],
    ]
  ) {
    await Deno.writeTextFile(path, "");
    const { code, stderr } = await runSv(["control", option!, place.path]);
    assertEquals(code, 0, stderr);
    await until(async () => await said() === `${signal}\n`, `${signal} after ${option}`);
  }
});

testBesideS6("control exits as s6-svc of 2.15 does when a service can't be told", async () => {
  await using place = await supervisedByS6({ run: SILENT });
  const missing = `${place.parent}/missing`;
  const idle = `${place.parent}/idle`;
  const broken = `${place.parent}/broken`;
  Deno.mkdirSync(idle);
  Deno.mkdirSync(`${broken}/supervise`, { recursive: true });
  const code = async (...args: string[]) => (await runSv(["control", ...args])).code;
  assertEquals(await code("-u", place.path), 0);
  assertEquals(await code("-u", missing, place.path), 111);
  assertEquals(await code("-u", missing, idle), 102);
  assertEquals(await code("-u", idle, broken), 1);
  for (const args of [[], ["-u"], ["-z", "."], ["-w", "x", "."], ["-s", "SEGV", "."], ["-u", ""]]) {
    assertEquals(await code(...args), 100, `${args}`);
  }
});

testBesideS6(
  "control -w subscribes before it sends, and waits for what it brings about",
  async () => {
    const files = { "notification-fd": "3\n" };
    await using one = await supervisedByS6({ run: READY_AT_ONCE, files });
    await using two = await supervisedByS6({ run: READY_AT_ONCE, files });
    const up = async (...dirs: string[]) =>
      await Promise.all(
        dirs.map(async (dir) => (await run(["s6-svstat", "-ur", dir])).stdout.trim()),
      );
    const control = async (...args: string[]) => {
      const { code, stderr } = await runSv([
        "control",
        "-T",
        `${DEADLINE}`,
        ...args,
        one.path,
        two.path,
      ]);
      assertEquals(code, 0, stderr);
    };
    await control("-wD", "-d");
    assertEquals(await up(one.path, two.path), ["false false", "false false"]);
    await control("-wU", "-u");
    assertEquals(await up(one.path, two.path), ["true true", "true true"]);
    await control("-wR", "-t");
    assertEquals(await up(one.path, two.path), ["true true", "true true"]);
  },
);

testBesideS6(
  "control -wU warns and waits for up alone where the service can't say more",
  async () => {
    await using place = await supervisedByS6({ run: SILENT, files: { down: "" } });
    const { code, stderr } = await runSv(["control", "-wU", "-T", `${DEADLINE}`, "-u", place.path]);
    assertEquals(code, 0);
    assertMatch(stderr, /warning: there is no .*\/notification-fd; not waiting for readiness\n$/);
  },
);

testBesideS6("control -T gives up, with exit code 99", async () => {
  await using place = await supervisedByS6({ run: SILENT, files: { "notification-fd": "3\n" } });
  const { code } = await runSv(["control", "-wR", "-T", "50", "-t", place.path]);
  assertEquals(code, 99);
});

testBesideS6("control -w does not wait for a service that could not be told", async () => {
  await using place = await service({ run: SILENT });
  await run(["s6-mkfifodir", `${place.path}/event`]);
  Deno.mkdirSync(`${place.path}/supervise`);
  Deno.writeFileSync(`${place.path}/supervise/status`, packStatus(DOWN));
  await run(["mkfifo", `${place.path}/supervise/control`]);
  const { code } = await runSv(["control", "-wu", "-u", place.path]);
  assertEquals(code, 102);
  // The state waited for is there already, for s6-svc, too.
  assertEquals((await runSv(["control", "-wD", "-d", place.path])).code, 0);
});

testBesideS6("listen and listen1 start the program once they listen, and wait", async () => {
  await using place = await supervisedByS6({ run: SILENT });
  for (
    const args of [
      ["listen1", "-t", `${DEADLINE}`, "-D", place.path, "s6-svc", "-d", place.path],
      ["listen", "-t", `${DEADLINE}`, "-u", place.path, "", "s6-svc", "-u", place.path],
      ["listen1", "-t", `${DEADLINE}`, "-r", place.path, "s6-svc", "-t", place.path],
    ]
  ) {
    const { code, stderr } = await runSv(args);
    assertEquals(code, 0, stderr);
  }
  assertEquals((await runSv(["listen1", "-d", place.path, "no-such-program"])).code, 111);
  assertEquals((await runSv(["listen", "", "sh", "-c", "exit 7"])).code, 7);
  for (const args of [["-u", place.path, ""], [place.path, "true"], []]) {
    assertEquals((await runSv(["listen", ...args])).code, 100, `${args}`);
  }
});

testBesideS6("the program that listen starts outlives it", async () => {
  await using place = await supervisedByS6({ run: SILENT });
  const proof = `${place.parent}/proof`;
  const go = `${place.parent}/go`;
  await run(["mkfifo", go]);
  const script = 'exec >/dev/null 2>&1; read -r _ <"$1"; echo alive >"$0"';
  const { code } = await runSv(["listen1", "-u", place.path, "sh", "-c", script, proof, go]);
  assertEquals(code, 0);
  await writeFifo(go, "\n");
  await until(
    async () => await Deno.readTextFile(proof).catch(() => "") === "alive\n",
    "the program to write its proof",
  );
});

testBesideS6("death-tally prints what s6-svdt prints", async () => {
  await using place = await service({ run: SILENT });
  Deno.mkdirSync(`${place.path}/supervise`);
  Deno.writeFileSync(
    `${place.path}/supervise/death_tally`,
    packDeathTally([
      death(1_795_224_321_000_000_001n, exited(0)),
      death(1_795_224_322_000_000_002n, signaled(15)),
      death(1_795_224_323_000_000_003n, exited(255)),
      death(1_795_224_324_000_000_004n, signaled(9)),
    ]),
  );
  for (
    const args of [[], ["-s"], ["-S"], ["-n", "2"], ["-n", "0"], ["-sn9999"], ["-x"], ["-n", "x"]]
  ) {
    await same("s6-svdt", [...args, place.path]);
  }
  await same("s6-svdt", []);
  await same("s6-svdt", [`${place.path}/none`]);
  assertEquals((await runSv(["clear-death-tally", place.path])).code, 0);
  assertEquals((await same("s6-svdt", [place.path])).stdout, "");
});

testBesideS6("permafailon tells a service that dies too often from one that does not", async () => {
  await using place = await service({ run: SILENT });
  Deno.mkdirSync(`${place.path}/supervise`);
  const now = BigInt(Date.now()) * 1_000_000n;
  const ago = (seconds: number) => now - BigInt(seconds) * 1_000_000_000n;
  Deno.writeFileSync(
    `${place.path}/supervise/death_tally`,
    packDeathTally([
      death(ago(3600), signaled(11)),
      death(ago(30), exited(1)),
      death(ago(20), exited(102)),
      death(ago(10), signaled(15)),
    ]),
  );
  const expected: [string[], number][] = [
    [["60", "1", "1"], 125],
    [["60", "2", "1"], 0],
    [["60", "2", "1,100-103"], 125],
    [["60", "3", "1-102;SIGTERM"], 125],
    [["60", "1", "sig15"], 125],
    [["60", "1", "SEGV"], 0],
    [["7200", "1", "SEGV"], 125],
    [["5", "1", "0-255"], 0],
    [["60", "1", "256"], 100],
    [["60", "1", "5-1"], 100],
    [["60", "1", "nonsense"], 100],
    [["60", "0", "1"], 100],
    [["x", "1", "1"], 100],
    [["60", "1"], 100],
  ];
  for (const [args, code] of expected) {
    const argv = args.length === 3 ? [...args, "true"] : args;
    assertEquals((await same("s6-permafailon", argv, { cwd: place.path })).code, code, `${args}`);
  }
  const become = await runSv(["permafailon", "60", "9", "1", "sh", "-c", "exit 7"], {
    cwd: place.path,
  });
  assertEquals(become.code, 7);
  await same("s6-permafailon", ["60", "9", "1", "no-such-program"], { cwd: place.path });
  await same("s6-permafailon", ["60", "1", "1", "true"], { cwd: place.parent });
});

testBesideS6("events go from one program to another, whichever of them is s6's", async () => {
  await using place = await temporaryDirectory();
  const events = `${place.path}/event`;
  assertEquals((await runSv(["event", "make", events])).code, 0);
  assertEquals(Deno.statSync(events).mode! & 0o7777, 0o1733);
  const theirs = await run([
    "s6-ftrig-listen1",
    "-t",
    "15000",
    events,
    "b",
    ...sv,
    "event",
    "notify",
    events,
    "ab",
  ]);
  assertEquals(theirs.code, 0, theirs.stderr);
  const ours = await runSv(
    ["event", "listen1", "-t", `${DEADLINE}`, events, "b", "s6-ftrig-notify", events, "abc"],
  );
  assertEquals([ours.code, ours.stdout], [0, "abc\n"]);
  const both = await runSv(
    [
      "event",
      "listen",
      `--timeout=${DEADLINE}`,
      events,
      "a.*b",
      events,
      "^b",
      "",
      "sh",
      "-c",
      's6-ftrig-notify "$0" b; s6-ftrig-notify "$0" ab',
      events,
    ],
  );
  assertEquals([both.code, both.stdout], [0, ""]);
  const waiting = runSv(["event", "wait", "-t", `${DEADLINE}`, events, "x{2}"]);
  await until(() => names(events).length === 1, "the listener");
  for (let time = 0; time < 2; time++) await runSv(["event", "notify", events, "x"]);
  assertEquals((await waiting).stdout, "xx\n");
  assertEquals(names(events), []);
});

testBesideS6(
  "events that don't come in time, or can't come, have the exit codes of s6",
  async () => {
    await using place = await temporaryDirectory();
    const events = `${place.path}/event`;
    await same("s6-mkfifodir", [events]);
    assertEquals((await runSv(["event", "wait", "-t", "50", events, "x"])).code, 99);
    await same("s6-ftrig-listen1", ["-t", "300", events, "x", "true"]);
    await same("s6-ftrig-listen", ["-o", "-t", "300", events, "x", events, "y", "", "true"]);
    await same("s6-ftrig-wait", [events, "a("]);
    await same("s6-ftrig-wait", [`${events}/none`, "a"]);
    await same("s6-ftrig-notify", [`${events}/none`, "a"]);
    await same("s6-cleanfifodir", [`${events}/none`]);
    await same("s6-mkfifodir", [`${events}/none/none`]);
    for (const program of ["s6-ftrig-wait", "s6-ftrig-notify", "s6-ftrig-listen", "s6-mkfifodir"]) {
      await same(program, []);
    }
    await same("s6-ftrig-listen", [events, "", "true", "x"]);
    assertEquals(names(events), []);
  },
);

testBesideS6("event clean removes what dead listeners left", async () => {
  await using place = await temporaryDirectory();
  const events = `${place.path}/event`;
  assertEquals((await runSv(["event", "make", events])).code, 0);
  await run(["mkfifo", `${events}/ftrig1:@400000006000000000000000:stale1`]);
  assertEquals((await runSv(["event", "clean", events])).code, 0);
  assertEquals(names(events), []);
});

testBesideS6("ok tells whether a service is supervised, as s6-svok does", async () => {
  await using place = await supervisedByS6({ run: SILENT });
  assertEquals((await same("s6-svok", [place.path])).code, 0);
  assertEquals((await same("s6-svok", [place.parent])).code, 1);
  assertEquals((await same("s6-svok", [])).code, 100);
});

testBesideS6("a directory whose name is no UTF-8, or has a newline, is found", async () => {
  await using place = await supervisedByS6({ run: SILENT }, "odd\nname 🦕");
  assertEquals((await runSv(["wait", "-t", `${DEADLINE}`, "-u", place.path])).code, 0);
  const script =
    'ln -s "$0" "$(printf \'%s/caf\\351\' "$1")" && shift && exec "$@" "$(printf \'%s/caf\\351\' "$parent")"';
  const { code, stdout, stderr } = await run(
    ["sh", "-c", script, place.path, place.parent, ...sv, "stat", "-u"],
    { env: { parent: place.parent } },
  );
  assertEquals([code, stdout], [0, "true\n"], stderr);
});
