/** A wait for a service whose supervisor is killed. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { control, ServiceFailedError, waitFor } from "../../mod.ts";
import { DEADLINE } from "../support/deadline.ts";
import { refused, testNeeding } from "../support/needs.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { readStatusFile } from "../support/status_file.ts";
import { service } from "../support/service.ts";
import { Supervisor, supervisors } from "../support/supervisor.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";

const SILENT = "#!/bin/sh\nexec sleep 100000\n";

/** Root without the rights of root: modes of files hold for it. */
const WITHOUT_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];

/** Whether a process has the control FIFO of a service open. */
function watches(pid: number | "self", dir: string): boolean {
  return hasOpen(pid, `${dir}/supervise/control`);
}

/** Whether a process has a file open. */
function hasOpen(pid: number | "self", target: string): boolean {
  return [...openDescriptors(pid).values()].includes(target);
}

/** Starts a command, and waits until it watches a supervisor. */
async function watcher(command: readonly string[], dir: string): Promise<Deno.ChildProcess> {
  const [program, ...args] = command;
  const child = new Deno.Command(program!, { args, stdin: "null", stdout: "null", stderr: "piped" })
    .spawn();
  // A packed executable is a shell at first, in the same process.
  await until(() => watches(child.pid, dir), `${command.join(" ")} to wait`);
  return child;
}

const waiters: Readonly<Record<string, (dir: string) => readonly string[]>> = {
  "wait": (dir) => [...svCommand("wait"), "-U", dir],
  "control -w": (dir) => [...svCommand("control"), "-wU", "-u", dir],
  "listen": (dir) => [...svCommand("listen"), "-U", dir, "", "true"],
  "listen1": (dir) => [...svCommand("listen1"), "-U", dir, "true"],
};

for (const [kind, supervise] of Object.entries(supervisors)) {
  for (const [name, command] of Object.entries(waiters)) {
    Deno.test(`sv ${name} ends where ${kind}'s supervisor is killed, and counts the service`, async () => {
      await using place = await service({
        run: SILENT,
        files: { "notification-fd": "3\n", down: "" },
      });
      await using supervisor = await Supervisor.start(supervise, place.path);
      const child = await watcher(command(place.path), place.path);
      // A supervisor that is killed before its command is written is one that can't be controlled.
      if (name === "control -w") {
        await until(
          async () => (await readStatusFile(place.path)).pid !== 0,
          "the command to be obeyed",
        );
      }
      Deno.kill(supervisor.pid, "SIGKILL");
      const { code, stderr } = await within(child.output(), `sv ${name} to exit`);
      assertEquals(code, 1);
      assertStringIncludes(new TextDecoder().decode(stderr), "lost its supervisor");
    });
  }

  testNeeding(
    [await refused(...WITHOUT_RIGHTS, "true")],
    `a user who may not write to the control FIFO notices that ${kind}'s supervisor is killed, and no second one`,
    async () => {
      await using place = await service({ run: SILENT, files: { "notification-fd": "3\n" } });
      await using supervisor = await Supervisor.start(supervise, place.path);
      await Deno.chmod(`${place.path}/supervise/control`, 0o400);
      const [program, ...args] = [...WITHOUT_RIGHTS, ...svCommand("wait"), "-U", place.path];
      const child = new Deno.Command(program!, {
        args,
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      })
        .spawn();
      const watch = "anon_inode:inotify";
      await until(() => hasOpen(child.pid, watch), "sv wait to wait");
      assertEquals((await run([...supervise, place.path])).code, 100);
      // The second supervisor has closed the locked file; a waiter has looked at the lock since.
      const ended = child.output();
      const first = await Promise.race([ended, run(["sleep", "0.3"]).then(() => "waits")]);
      assertEquals(first, "waits");
      Deno.kill(supervisor.pid, "SIGKILL");
      const { code, stderr } = await within(ended, "sv wait to exit");
      assertEquals(code, 1);
      assertStringIncludes(new TextDecoder().decode(stderr), "lost its supervisor");
    },
  );

  Deno.test(`waitFor ends where ${kind}'s supervisor is killed, also one that came later`, async () => {
    await using place = await service({ run: SILENT, files: { "notification-fd": "3\n" } });
    {
      // Makes the directories.
      await using first = await Supervisor.start(supervise, place.path);
      await first.send("xd");
      await first.exited;
    }
    const ready = waitFor(place.path, "ready", { timeout: DEADLINE });
    const failed = assertRejects(() => ready, ServiceFailedError);
    assert(!watches("self", place.path));
    await using supervisor = await Supervisor.start(supervise, place.path);
    await until(() => watches("self", place.path), "the supervisor to be watched");
    Deno.kill(supervisor.pid, "SIGKILL");
    await failed;
    assert(!watches("self", place.path));
    assertEquals([...Deno.readDirSync(`${place.path}/event`)], []);
  });

  Deno.test(`sv stat tells which process outlived ${kind}'s supervisor`, async () => {
    await using place = await service({ run: SILENT });
    await using supervisor = await Supervisor.start(supervise, place.path);
    const { pid } = await until(async () => {
      const status = await readStatusFile(place.path);
      return status.pid !== 0 && status;
    }, "the service to be up");
    Deno.kill(supervisor.pid, "SIGKILL");
    await supervisor.exited;
    const stat = [...svCommand("stat"), place.path];
    const alive = await run(stat);
    assertEquals(alive.code, 1);
    assertStringIncludes(alive.stderr, `the supervisor is gone, process ${pid} still runs`);
    Deno.kill(pid, "SIGKILL");
    await until(
      async () => (await run(stat)).stderr.includes("no supervisor is running"),
      "its end",
    );
  });
}

Deno.test("what a supervisor sent before its end counts", async () => {
  await using place = await service({ run: SILENT });
  await using supervisor = await Supervisor.start(supervisors.sv, place.path);
  await waitFor(place.path, "up", { timeout: DEADLINE });
  const down = waitFor(place.path, "finished", { timeout: DEADLINE });
  control(place.path, "x", "d");
  await down;
  assertEquals((await supervisor.exited).code, 0);
});

for (
  const [what, plant] of [
    ["a plain file", (path: string) => Deno.writeTextFileSync(path, "")],
    ["a link to a device", (path: string) => Deno.symlinkSync("/dev/zero", path)],
  ] as const
) {
  Deno.test(`${what} in the place of the control FIFO is not taken for a supervisor that is gone`, async () => {
    await using place = await service({ run: SILENT, files: { "notification-fd": "3\n" } });
    await using supervisor = await Supervisor.start(supervisors.sv, place.path);
    Deno.removeSync(`${place.path}/supervise/control`);
    plant(`${place.path}/supervise/control`);
    const { code } = await run([...svCommand("wait"), "-U", "-t", "300", place.path]);
    assertEquals(code, 99);
    Deno.kill(supervisor.pid, "SIGTERM");
    assertEquals((await supervisor.exited).code, 0);
  });
}
