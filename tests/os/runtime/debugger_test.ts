import { assertEquals } from "@std/assert";
import { ofThreads, processesIn } from "../../support/processes.ts";
import { sv } from "../../support/program.ts";
import { service } from "../../support/service.ts";
import { Supervisor } from "../../support/supervisor.ts";
import { until } from "../../support/until.ts";

/** When the `deno` command begins to listen to SIGUSR1, in milliseconds, with a margin. */
const GRACE = 1500;
/** The bit of SIGUSR1 in a set of signals. */
const USR1 = 1n << 9n;
/** A line of /proc/net/tcp: 127.0.0.1:9229, listening. */
const DEBUGGER = /^ *\d+: 0100007F:240D \S+ 0A /m;

Deno.test("SIGUSR1 means nothing to the companion of a daemon, and something to its check", async () => {
  await using directory = await service({
    "run": `#!/bin/sh\nexec 2>>errors\nexec ${
      sv.join(" ")
    } notifyoncheck -s 0 -w 50 -n 0 sleep 1000\n`,
    "files": { "notification-fd": "3\n" },
    "executables": { "data/check": "#!/bin/sh\ngrep SigBlk /proc/self/status >>masks\nexit 1\n" },
  });
  const { path } = directory;
  await using _ = await Supervisor.start([...sv, "supervise"], path);
  const companion = await until(async () => {
    for (const pid of await processesIn(path)) {
      const line = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
      // Not a shell on the way to it.
      const shell = /(^|\/)(sh|dash|env)$/.test(line.split("\0")[0]!);
      if (!shell && line.includes("--beside-daemon")) return pid;
    }
  }, "the companion");
  const masks = () => Deno.readTextFile(`${path}/masks`).catch(() => "");
  await until(async () => (await masks()).split("\n").length > 3, "checks");
  await new Promise((resolve) => setTimeout(resolve, GRACE));
  for (const [name, status] of ofThreads(companion, "status")) {
    const blocked = BigInt(`0x${/^SigBlk:\s*(\w+)/m.exec(status)![1]}`);
    assertEquals(blocked & USR1, USR1, `thread ${name}`);
  }
  Deno.kill(companion, "SIGUSR1");
  const before = (await masks()).length;
  await until(async () => (await masks()).length > before + 100, "more checks");
  assertEquals(DEBUGGER.test(await Deno.readTextFile("/proc/net/tcp")), false);
  assertEquals([...new Set((await masks()).trim().split("\n"))], ["SigBlk:\t0000000000000000"]);
});
