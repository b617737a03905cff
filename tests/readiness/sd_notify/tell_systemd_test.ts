import { assert, assertEquals, assertMatch } from "@std/assert";
import { sdNotifyListener } from "../../../lib/readiness/sd_notify/sd_notify_listener.ts";
import { exists } from "@std/fs/exists";
import { sdNotify } from "../../../lib/readiness/sd_notify/sd_notify.ts";
import { isAlive } from "../../support/processes.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";
import { besideDaemon } from "../polled_service.ts";
import { writeFifo } from "../../support/write_fifo.ts";

/** A daemon under notify-socket-from-fd, and the socket that gets its messages. */
async function underSystemd(options: readonly string[], daemon: string) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory());
  const listener = stack.use(sdNotifyListener());
  const [program, ...args] = [...sv, "notify-socket-from-fd", ...options, "sh", "-c", daemon];
  const child = new Deno.Command(program!, {
    args,
    cwd: directory.path,
    env: { NOTIFY_SOCKET: listener.address, WITNESS: "a b" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  stack.defer(async () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await child.output();
  });
  const kept = stack.move();
  return {
    path: directory.path,
    pid: child.pid,
    child,
    message: async () => {
      const { value } = await within(listener.next(), "a message");
      return value;
    },
    /** Returns whether no message has come. */
    unsent: async () => {
      sdNotify("LAST=1", listener.address);
      const { value } = await within(listener.next(), "a message");
      return value.fields.get("LAST") === "1";
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

for (const [options, fd] of [[[], 1], [["-d", "4"], 4], [["--notification-fd=12"], 12]] as const) {
  Deno.test(`notify-socket-from-fd ${options.join(" ")}: the newline becomes READY=1`, async () => {
    await using daemon = await underSystemd(
      options,
      // Not every shell redirects a descriptor of two digits.
      `echo $NOTIFY_SOCKET $WITNESS >environment\nprintf 'not yet' >/proc/$$/fd/${fd}\nsleep 0.1\n` +
        `echo >/proc/$$/fd/${fd}\nexec sleep 1000`,
    );
    const { fields, sender } = await daemon.message();
    assertEquals([...fields], [["READY", "1"], ["MAINPID", String(daemon.pid)]]);
    assert(sender.pid !== daemon.pid);
    assertEquals(await Deno.readTextFile(`${daemon.path}/environment`), "a b\n");
    await until(() => besideDaemon(daemon.path) === undefined, "the process beside it to end");
    assert(isAlive(daemon.pid));
  });
}

Deno.test("the daemon may write on after its newline", async () => {
  await using daemon = await underSystemd(
    [],
    // More than a pipe holds.
    "echo; echo again; head -c 200000 /dev/zero && echo >wrote; exec sleep 1000",
  );
  assertEquals((await daemon.message()).fields.get("READY"), "1");
  await until(() => exists(`${daemon.path}/wrote`), "the daemon to have written it all");
  await until(() => besideDaemon(daemon.path) === undefined, "the process beside it to end");
  assert(isAlive(daemon.pid));
});

Deno.test("text without a newline is not readiness for systemd, also when the pipe is closed", async () => {
  await using daemon = await underSystemd(
    [],
    "test -e go || mkfifo go; read -r _ <go; printf text; exec >&-; exec sleep 1000",
  );
  const beside = await until(() => besideDaemon(daemon.path), "the process beside the daemon");
  await until(() => exists(`${daemon.path}/go`), "the daemon's FIFO");
  await writeFifo(`${daemon.path}/go`, "\n");
  await until(() => !isAlive(beside), "its end");
  assertEquals(await daemon.unsent(), true);
});

Deno.test("with -k the daemon keeps NOTIFY_SOCKET", async () => {
  await using daemon = await underSystemd(["-k"], "echo $NOTIFY_SOCKET; exec sleep 1000");
  // The daemon writes a line before the newline.
  assertEquals((await daemon.message()).fields.get("READY"), "1");
  // While the shell becomes sleep, its environment may be empty.
  const environment = () => Deno.readTextFileSync(`/proc/${daemon.pid}/environ`);
  await until(
    () => /(^|\0)NOTIFY_SOCKET=@/.test(environment()),
    "NOTIFY_SOCKET to be the daemon's",
  );
});

Deno.test("for a daemon that closes the descriptor or dies, no READY=1 is sent", async () => {
  for (const end of ["exec >&-; exec sleep 1000", "exit 0"]) {
    await using daemon = await underSystemd([], end);
    const beside = await until(
      () => besideDaemon(daemon.path) ?? (isAlive(daemon.pid) ? undefined : 0),
      "the process beside the daemon",
    );
    await until(() => beside === 0 || !isAlive(beside), "its end");
  }
});

Deno.test("-t gives up, and no READY=1 is sent", async () => {
  await using daemon = await underSystemd(["-t", "300"], ">began; exec sleep 1000");
  // The process beside it was started before.
  await until(() => exists(`${daemon.path}/began`), "the daemon");
  await until(() => besideDaemon(daemon.path) === undefined, "its end");
  // Only that process would send anything.
  assertEquals(await daemon.unsent(), true);
  assert(isAlive(daemon.pid));
});

Deno.test("the process beside the daemon has no parent, and with -f the daemon", async () => {
  for (const options of [[], ["-f"]]) {
    await using daemon = await underSystemd(options, "exec sleep 1000");
    const beside = await until(() => besideDaemon(daemon.path), "the process beside the daemon");
    const status = await Deno.readTextFile(`/proc/${beside}/status`);
    assertEquals(new RegExp(`^PPid:\t${daemon.pid}$`, "m").test(status), options.length > 0);
  }
});

Deno.test("without NOTIFY_SOCKET the program is only run", async () => {
  const { code, stdout } = await run([
    "env",
    "-u",
    "NOTIFY_SOCKET",
    ...sv,
    "notify-socket-from-fd",
    "-d",
    "4",
    "sh",
    "-c",
    "echo it ran; ls /proc/$$/fd; exit 7",
  ]);
  assertEquals(code, 7);
  assertMatch(stdout, /^it ran\n0\n1\n(10\n)?2\n/);
});

Deno.test("notify-socket-from-fd without a program is wrong usage", async () => {
  const { code, stderr } = await run([...sv, "notify-socket-from-fd"]);
  assertEquals(code, 100);
  assertMatch(stderr, /no program given\nusage: sv notify-socket-from-fd \[-d fd\]/);
});
