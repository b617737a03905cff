/** The first start: what waits for a service may begin before its first supervisor does. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { exists } from "@std/fs/exists";
import { SystemError, waitFor, WaitTimeoutError } from "../../mod.ts";
import { DEADLINE } from "../support/deadline.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { service, type ServiceFiles } from "../support/service.ts";
import { READY_AT_ONCE, SILENT } from "../support/supervised_by_s6.ts";
import { readStatusFile } from "../support/status_file.ts";
import { Supervisor, supervisors } from "../support/supervisor.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";

const READY: ServiceFiles = { run: READY_AT_ONCE, files: { "notification-fd": "3\n" } };
const DOWN: ServiceFiles = { ...READY, files: { ...READY.files, down: "" } };

/** Waits until somebody listens to a service. */
async function listenedTo(dir: string): Promise<void> {
  await until(async () => {
    try {
      for await (const { name } of Deno.readDir(`${dir}/event`)) {
        if (name.startsWith("ftrig1:")) return true;
      }
    } catch {
      // There is no such directory yet.
    }
    return false;
  }, `a listener in ${dir}`);
}

for (const [name, supervisor] of Object.entries(supervisors)) {
  for (
    const [command, contents] of [
      [["wait", "-U", "-t", `${DEADLINE}`], READY],
      [["wait", "-D", "-t", `${DEADLINE}`], DOWN],
      [["wait", "-R", "-t", `${DEADLINE}`], READY],
      [["control", "-wU", "-T", `${DEADLINE}`], READY],
      [["control", "-wU", "-T", `${DEADLINE}`, "-u"], DOWN],
      [["control", "-wD", "-T", `${DEADLINE}`, "-d"], DOWN],
    ] as const
  ) {
    Deno.test(`sv ${command.join(" ")} waits for the first supervisor, ${name}'s`, async () => {
      await using place = await service(contents);
      const [subcommand, ...options] = command;
      const waiting = run([...svCommand(subcommand), ...options, place.path]);
      await listenedTo(place.path);
      await using _supervisor = await Supervisor.start(supervisor, place.path);
      const { code, stderr } = await waiting;
      assertEquals([code, stderr], [0, ""]);
      const { pid, ready } = await readStatusFile(place.path);
      const wanted = /-w?[UR]/.test(command.join(" "));
      assertEquals([pid > 0, pid > 0 && ready], [wanted, wanted]);
      assertEquals([...Deno.readDirSync(`${place.path}/event`)], []);
    });
  }

  Deno.test(`${name}'s first supervisor and a waiter may start at the same time`, async () => {
    for (let round = 0; round < 5; round++) {
      await using place = await service(READY);
      const waiting = run([...svCommand("wait"), "-U", "-t", `${DEADLINE}`, place.path]);
      await using _supervisor = await Supervisor.start(supervisor, place.path);
      assertEquals(await waiting, { code: 0, signal: null, stdout: "", stderr: "" });
    }
  });

  Deno.test(`control -w -T waits for the next supervisor, ${name}'s, after an earlier one`, async () => {
    await using place = await service(DOWN);
    {
      await using former = await Supervisor.start(supervisor, place.path);
      await former.send("x");
      await former.exited;
    }
    const waiting = run([...svCommand("control"), "-wU", "-T", `${DEADLINE}`, "-u", place.path]);
    await listenedTo(place.path);
    await using _supervisor = await Supervisor.start(supervisor, place.path);
    assertEquals((await waiting).code, 0);
    assert((await readStatusFile(place.path)).ready);
  });
}

Deno.test("a link event that leads to nothing is left to the first supervisor", async () => {
  await using place = await service(READY);
  await Deno.symlink("../elsewhere", `${place.path}/event`);
  const { code, stderr } = await run([...svCommand("wait"), "-U", "-t", `${DEADLINE}`, place.path]);
  assertEquals(code, 111);
  assertMatch(stderr, /cannot listen to .*\/event: No such file/);
  assert(!await exists(`${place.parent}/elsewhere`));
  await using _supervisor = await Supervisor.start(supervisors.s6, place.path);
  assertEquals((await run([...svCommand("wait"), "-U", "-t", `${DEADLINE}`, place.path])).code, 0);
});

Deno.test("without a time limit sv wait says at once that it waits for a supervisor", async () => {
  await using place = await service(READY);
  const [program, ...args] = [...svCommand("wait"), "-U", place.path];
  const child = new Deno.Command(program!, { args, stdin: "null", stderr: "piped" }).spawn();
  const reader = child.stderr.getReader();
  const { value } = await within(reader.read(), "a line of sv wait");
  assertEquals(
    new TextDecoder().decode(value),
    `sv wait: no supervisor is running on ${place.path}: waiting for one\n`,
  );
  await using _supervisor = await Supervisor.start(supervisors.s6, place.path);
  assertEquals((await within(child.status, "the end of sv wait")).code, 0);
  await reader.cancel();
});

Deno.test("listen1 and listen wait for the supervisor that their program is", async () => {
  for (const [command, ...separator] of [["listen1"], ["listen", ""]] as const) {
    await using place = await service(READY);
    const { path } = place;
    const waiting = [...svCommand(command), "-U", "-t", `${DEADLINE}`, path, ...separator];
    // In the background, with no descriptor of this test's.
    const supervising = ["sh", "-c", 'exec "$@" >/dev/null 2>&1', "sh", ...supervisors.sv, path];
    const { code, stderr } = await run([...waiting, ...supervising]);
    assertEquals([code, stderr], [0, ""]);
    assertEquals((await run([...svCommand("control"), "-xd", path])).code, 0);
  }
});

Deno.test("without a supervisor the time limit ends the wait, and the reason is told", async () => {
  await using place = await service(READY);
  for (
    const command of [
      ["wait", "-U", "-t", "50"],
      ["control", "-wU", "-T", "50"],
      ["control", "-wU", "-T", "50", "-u"],
    ]
  ) {
    const [subcommand, ...options] = command;
    const { code, stderr } = await run([...svCommand(subcommand!), ...options, place.path]);
    assertEquals(code, 99);
    assertMatch(
      stderr,
      new RegExp(
        `^sv ${subcommand}: ${place.path}: unsupervised: no supervisor has run here yet.*\n` +
          `sv ${subcommand}: fatal: timed out after \\d+ milliseconds while waiting for ${place.path}\n$`,
      ),
    );
  }
});

Deno.test("without a time limit control does not wait for a supervisor", async () => {
  await using place = await service(READY);
  const { code, stderr } = await run([...svCommand("control"), "-wU", "-u", place.path]);
  assertEquals(code, 111);
  assertMatch(stderr, /where no supervisor has run yet/);
});

Deno.test("by their names of s6 the commands wait for no first supervisor, as those do", async () => {
  for (
    const command of [
      ["s6-svwait", "-U", "-t", `${DEADLINE}`],
      ["s6-svc", "-wU", "-T", `${DEADLINE}`, "-u"],
    ]
  ) {
    await using place = await service(READY);
    for (const program of [command, svCommand(command[0]!).concat(command.slice(1))]) {
      assertEquals((await run([...program, place.path])).code, 111);
    }
  }
});

Deno.test("what is no service directory is an error at once, and stays as it is", async () => {
  await using place = await service({});
  for (const command of [["wait", "-U"], ["control", "-wU", "-T", `${DEADLINE}`, "-u"]]) {
    const [subcommand, ...options] = command;
    for (
      const [dir, why] of [
        [place.path, `${place.path}, which is no service directory: there is no .*/run`],
        [`${place.path}/none`, `${place.path}/none`],
      ] as const
    ) {
      const { code, stderr } = await run([...svCommand(subcommand!), ...options, dir]);
      assertEquals(code, 111);
      assertMatch(
        stderr,
        new RegExp(
          `^(sv control: warning: .*\n)?sv ${subcommand}: fatal: cannot wait for ${why}: No such file`,
        ),
      );
    }
  }
  assert(!await exists(`${place.path}/event`));
});

Deno.test("the library waits for the first supervisor, too", async () => {
  await using place = await service(READY);
  await assertRejects(() => waitFor(place.path, "ready", { timeout: 0 }), WaitTimeoutError);
  const ready = waitFor(place.path, "ready", { timeout: DEADLINE });
  await using _supervisor = await Supervisor.start(supervisors.s6, place.path);
  await within(ready, "the service to be ready");
  await using other = await service({});
  await assertRejects(() => waitFor(other.path, "up"), SystemError, "is no service directory");
});

Deno.test("a supervisor that is killed before its first service is ready ends the wait", async () => {
  await using place = await service({ run: SILENT });
  const waiting = run([...svCommand("wait"), "-U", "-t", `${DEADLINE}`, place.path]);
  await listenedTo(place.path);
  await using supervisor = await Supervisor.start(supervisors.sv, place.path);
  await until(async () => (await readStatusFile(place.path)).pid > 0, "the service to be up");
  Deno.kill(supervisor.pid, "SIGKILL");
  const { code, stderr } = await waiting;
  assertEquals(code, 1);
  assertMatch(stderr, /lost its supervisor/);
});
