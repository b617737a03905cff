import { assertEquals, assertMatch } from "@std/assert";
import { exists } from "@std/fs/exists";
import { FifodirListener } from "../../support/fifodir_listener.ts";
import { isAlive, processesIn } from "../../support/processes.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { service } from "../../support/service.ts";
import { readStatusFile } from "../../support/status_file.ts";
import { Supervisor, supervisors } from "../../support/supervisor.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { allBesideDaemon, besideDaemon } from "../polled_service.ts";
import { writeFifo } from "../../support/write_fifo.ts";

/** A daemon that goes on when a line is written to `go`, a FIFO. */
const READY_WHEN_TOLD = "#!/bin/sh\necho $$ >daemon-pid\ntest -p go || mkfifo go\nread -r _ <go\n";

/**
 * A daemon that writes to descriptor 4 and dies, which takes some milliseconds: it has the last descriptors
 * of big files without a name, whose memory the kernel frees meanwhile. One is closed before the
 * notification descriptor, and one after it.
 */
const DIES_SLOWLY = `#!/usr/bin/perl
use POSIX ();
sub big {
  my ($number) = @_;
  open(my $file, "+>", "/dev/shm/sv-test-$$") or die $!;
  unlink "/dev/shm/sv-test-$$";
  my $piece = "x" x 1048576;
  syswrite $file, $piece or die $! for 1 .. 96;
  POSIX::dup2(fileno $file, $number);
}
big(50);
POSIX::dup2(4, 60);
POSIX::close(4);
big(70);
POSIX::mkfifo("go", 0600);
open(my $pid, ">", "daemon-pid");
print $pid "$$\n";
close $pid;
open(my $go, "<", "go");
readline $go;
POSIX::write(60, "x", 1);
POSIX::_exit(0);
`;

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
    go: async (name = "go") => {
      const fifo = `${path}/${name}`;
      await until(
        () => Deno.stat(fifo).then(({ isFifo }) => isFifo, () => false),
        `the FIFO ${name}`,
      );
      const written = writeFifo(fifo, "\n");
      await within(written, `the daemon to read from ${name}`);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Returns whether `cat` reads what the daemon writes to descriptor 4. */
async function drains(path: string, daemon: number): Promise<boolean> {
  return (await processesIn(path)).some((pid) => {
    try {
      // The launcher of sv may run `cat`, too.
      return Deno.readTextFileSync(`/proc/${pid}/comm`) === "cat\n" &&
        Deno.readLinkSync(`/proc/${pid}/fd/0`) === Deno.readLinkSync(`/proc/${daemon}/fd/4`);
    } catch {
      return false;
    }
  });
}

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

  Deno.test(`under ${name}, a daemon may write on after its newline`, async () => {
    await using watched = await service1(
      supervisor,
      "-d 4",
      `${READY_WHEN_TOLD}echo >&4\nmkfifo more\nread -r _ <more\n` +
        // More than a pipe holds.
        "echo again >&4\nhead -c 200000 /dev/zero >&4 && echo >wrote\nexec sleep 1000\n",
    );
    const daemon = await watched.daemon();
    await watched.go();
    assertMatch(await watched.events.until("U"), /^s?uU$/);
    await watched.go("more");
    await until(() => exists(`${watched.path}/wrote`), "the daemon to have written it all");
    assertEquals(isAlive(daemon), true);
  });

  Deno.test(`under ${name}, a daemon that is late may write, too`, async () => {
    await using watched = await service1(
      supervisor,
      "-t 1 -d 4",
      `${READY_WHEN_TOLD}echo >&4\necho again >&4\nhead -c 200000 /dev/zero >&4 && echo >wrote\n` +
        "exec sleep 1000\n",
    );
    const daemon = await watched.daemon();
    await until(() => drains(watched.path, daemon), "the process that waits to give up");
    await watched.go();
    await until(() => exists(`${watched.path}/wrote`), "the daemon to have written it all");
    assertEquals((await readStatusFile(watched.path)).ready, false);
  });

  Deno.test(`under ${name}, text and the end of the pipe make a living daemon ready`, async () => {
    await using watched = await service1(
      supervisor,
      "-d 4",
      `${READY_WHEN_TOLD}printf x >&4\nmkfifo wrote\nread -r _ <wrote\nexec 4>&-\nexec sleep 1000\n`,
    );
    assertEquals(await watched.events.until("u"), "su");
    await watched.go();
    await until(() => exists(`${watched.path}/wrote`), "the daemon to have written the text");
    assertEquals((await readStatusFile(watched.path)).ready, false);
    await watched.go("wrote");
    assertEquals(await watched.events.until("U"), "U");
    assertEquals((await readStatusFile(watched.path)).ready, name === "sv");
  });

  Deno.test(`under ${name}, the end of the pipe alone makes no daemon ready`, async () => {
    await using watched = await service1(
      supervisor,
      "-d 4",
      `${READY_WHEN_TOLD}exec 4>&-\nmkfifo end\nread -r _ <end\nexit 0\n`,
    );
    await watched.daemon();
    const beside = await until(() => besideDaemon(watched.path), "the process that waits");
    await watched.go();
    await until(() => !isAlive(beside), "its end");
    await watched.go("end");
    assertEquals(await watched.events.until("d"), "sud");
  });

  testNeeding(
    [missingPrograms("perl")],
    `under ${name}, text makes no daemon ready that closes the pipe by dying, however slowly`,
    async () => {
      await using watched = await service1(supervisor, "-d 4", DIES_SLOWLY);
      await watched.daemon();
      const beside = await until(() => besideDaemon(watched.path), "the process that waits");
      await watched.go();
      await until(() => !isAlive(beside), "its end");
      assertEquals(await watched.events.until("d"), "sud");
    },
  );

  Deno.test(`under ${name}, a newline of a dead daemon's child makes no other daemon ready`, async () => {
    await using watched = await service1(
      supervisor,
      "-d 4",
      "#!/bin/sh\ntest ! -e go || exec sleep 1000\nmkfifo go die\n" +
        "(read -r _ <go; echo >&4; echo >told) &\nread -r _ <die\n",
    );
    const beside = await until(() => besideDaemon(watched.path), "the process that waits");
    await watched.go("die");
    assertMatch(await watched.events.until("d"), /^sud$/);
    assertMatch(await watched.events.until("u"), /^D?u$/);
    await watched.go();
    await until(() => exists(`${watched.path}/told`), "the child to write");
    await until(
      () => !allBesideDaemon(watched.path).includes(beside),
      "the process beside the dead daemon to have read it",
    );
    assertEquals((await readStatusFile(watched.path)).ready, false);
    assertEquals((await run(["s6-svc", "-d", watched.path])).code, 0);
    assertMatch(await watched.events.until("D"), /^D?dD$/);
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
