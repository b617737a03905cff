import { assertEquals, assertMatch } from "@std/assert";
import { exists } from "@std/fs/exists";
import { FifodirListener } from "../../support/fifodir_listener.ts";
import { isAlive } from "../../support/processes.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { service } from "../../support/service.ts";
import { readStatusFile } from "../../support/status_file.ts";
import { Supervisor, supervisors } from "../../support/supervisor.ts";
import { until } from "../../support/until.ts";
import { besideDaemon } from "../polled_service.ts";

/** A daemon that goes on when a line is written to `go`, a FIFO. */
const READY_WHEN_TOLD = "#!/bin/sh\necho $$ >daemon-pid\ntest -p go || mkfifo go\nread -r _ <go\n";

/** A supervised service whose `run` is `sv notifywhenup … ./daemon`, and a listener of its events. */
async function service1(
  supervisor: readonly string[],
  options: string,
  daemon: string,
  before = "",
) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(
    await service({
      run: `#!/bin/sh\nexec 2>>errors\n${before}\n` +
        `exec ${sv.join(" ")} notifywhenup ${options} ./daemon\n`,
      executables: { daemon },
    }),
  );
  const { path } = directory;
  const events = stack.use(await FifodirListener.subscribe(`${path}/event`));
  stack.use(await Supervisor.start(supervisor, path));
  const kept = stack.move();
  return {
    path,
    events,
    daemon: () =>
      until(
        async () => Number(await Deno.readTextFile(`${path}/daemon-pid`).catch(() => "")) || false,
        "the daemon to start",
      ),
    go: () => Deno.writeTextFile(`${path}/go`, "\n", { create: false }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const untilGo = (path: string) =>
  until(
    () => Deno.stat(`${path}/go`).then((found) => found.isFifo, () => false),
    "the daemon's FIFO",
  );

for (const [name, supervisor] of Object.entries(supervisors)) {
  Deno.test(`under ${name}, notifywhenup sends U at the daemon's newline, once`, async () => {
    await using watched = await service1(
      supervisor,
      "-d 4",
      `${READY_WHEN_TOLD}printf 'not yet' >&4\nprintf 'now\\nand more\\n' >&4\nexec 4>&-\n` +
        "exec sleep 1000\n",
    );
    assertEquals(await watched.events.until("u"), "su");
    assertEquals((await readStatusFile(watched.path)).pid, await watched.daemon());
    await untilGo(watched.path);
    await watched.go();
    assertEquals(await watched.events.until("U"), "U");
    // Under s6 there is only the event; sv writes the status, and before it sends the event.
    const { ready } = await readStatusFile(watched.path);
    assertEquals(ready, name === "sv");
    await until(
      () => besideDaemon(watched.path) === undefined,
      "the end of the process that waits",
    );
    assertEquals((await run(["s6-svc", "-d", watched.path])).code, 0);
    assertEquals(await watched.events.until("D"), "dD");
  });

  Deno.test(`under ${name}, notifywhenup has no parent, and with -f the daemon`, async () => {
    for (const option of ["", "-f"]) {
      await using watched = await service1(
        supervisor,
        `${option} -d 4`,
        `${READY_WHEN_TOLD}exec sleep 1000\n`,
      );
      const daemon = await watched.daemon();
      const beside = await until(() => besideDaemon(watched.path), "the process that waits");
      const status = await Deno.readTextFile(`/proc/${beside}/status`);
      const parent = Number(/^PPid:\t(\d+)$/m.exec(status)![1]);
      assertEquals(parent === daemon, option === "-f");
      Deno.kill(daemon, "SIGKILL");
      await until(() => !isAlive(beside), "its end, as the pipe is closed");
    }
  });

  Deno.test(`under ${name}, notifywhenup -X declares the daemon ready at once`, async () => {
    await using watched = await service1(
      supervisor,
      "-X -d 4",
      "#!/bin/sh\nls /proc/self/fd | tr '\\n' ' ' >fds\nexec sleep 1000\n",
      "exec 4>run-had-it",
    );
    assertMatch(await watched.events.until("U"), /U$/);
    const fds = await until(
      () => Deno.readTextFile(`${watched.path}/fds`).catch(() => ""),
      "the daemon's list",
    );
    assertEquals(fds.split(" ").includes("4"), false);
  });

  Deno.test(`under ${name}, notifywhenup -t gives up, and the daemon goes on`, async () => {
    await using watched = await service1(
      supervisor,
      "-t 200 -d 4",
      `${READY_WHEN_TOLD}exec sleep 1000\n`,
    );
    const daemon = await watched.daemon();
    await until(
      () => besideDaemon(watched.path) === undefined,
      "the end of the process that waits",
    );
    assertEquals(isAlive(daemon), true);
    assertEquals((await readStatusFile(watched.path)).ready, false);
  });

  Deno.test(`under ${name}, notifywhenup -e sends the event to another fifodir`, async () => {
    await using watched = await service1(
      supervisor,
      "-e elsewhere -d 4",
      `${READY_WHEN_TOLD}echo >&4\nexec sleep 1000\n`,
      "mkdir -p elsewhere; while test ! -e listening; do sleep 0.01; done",
    );
    await until(() => exists(`${watched.path}/elsewhere`), "the fifodir");
    await using elsewhere = await FifodirListener.subscribe(`${watched.path}/elsewhere`);
    await Deno.writeTextFile(`${watched.path}/listening`, "");
    await untilGo(watched.path);
    await watched.go();
    assertEquals(await elsewhere.until("U"), "U");
  });
}

Deno.test("notifywhenup works without a supervisor: stdout is the pipe, by default", async () => {
  await using directory = await service({ files: { "event/.keep": "" } });
  await using events = await FifodirListener.subscribe(`${directory.path}/event`);
  const { code } = await run(
    [...sv, "notifywhenup", "sh", "-c", "echo; exec >&-; exit 7"],
    { cwd: directory.path },
  );
  assertEquals(code, 7);
  assertEquals(await events.until("U"), "U");
});

Deno.test("notifywhenup fails at once when the fifodir is missing", async () => {
  await using directory = await service({});
  const { code, stderr } = await run([...sv, "notifywhenup", "true"], { cwd: directory.path });
  assertEquals(code, 111);
  assertMatch(stderr, /^sv notifywhenup: fatal: cannot open the directory event: No such file/);
});
