/** The first process of a machine starts before /proc is mounted. */
import { assert, assertEquals } from "@std/assert";
import { exists } from "@std/fs/exists";
import { DEADLINE } from "../support/deadline.ts";
import { refused, testNeeding } from "../support/needs.ts";
import { run } from "../support/run.ts";
import { until } from "../support/until.ts";
import { Scan } from "../support/scan.ts";
import { readyService, ScanDirectory } from "../support/scan_directory.ts";
import { packed, unpacked } from "./forms.ts";

/** A command line for process 1 of a namespace in which nothing is mounted on /proc. */
const WITHOUT_PROC = [
  ...["unshare", "--pid", "--fork", "--mount", "/bin/sh", "-c"],
  ...['umount -l /proc && [ ! -e /proc/self ] && exec "$@"', "sh"],
];
const refusal = await refused(...WITHOUT_PROC, "true");

/** The child of `unshare`. */
async function processOne(outside: number): Promise<number> {
  return await until(() => {
    const children = Deno.readTextFileSync(`/proc/${outside}/task/${outside}/children`).trim();
    return children === "" ? undefined : Number(children.split(" ")[0]);
  }, "process 1 to start");
}

/** Nothing went wrong so that the runtime, or sv, gave up. */
function assertUnharmed(stderr: string): void {
  for (const sign of ["Uncaught", "backtrace", "panicked", "fatal:"]) {
    assert(!stderr.includes(sign), stderr);
  }
}

for (const form of [packed, unpacked]) {
  testNeeding(
    [form.missing, refusal],
    `${form.name}: a scan that is process 1 before /proc is mounted works, and has all when it is`,
    async () => {
      await using directory = await ScanDirectory.make({
        a: readyService,
        // A process 1 takes no SIGTERM that it has no handler for.
        b: { ...readyService, "flag-newpidns": "", "timeout-kill": "100\n" },
        c: { ...readyService, "log/run": "#!/bin/sh\nexec cat >written\n" },
      });
      const command = [...form.command, "scan"];
      await using scan = await Scan.start(directory.path, { command, through: WITHOUT_PROC });
      const one = await processOne(scan.pid);
      const { pid } = await directory.ready("a");
      for (const name of ["b", "c"]) await directory.ready(name);
      await directory.up("c/log");
      await directory.send("a", "r");
      await directory.restarted("a", pid);
      assert(!await exists(`${directory.service("a")}/supervise/process`));

      const inside = ["nsenter", "-t", String(one), "--mount", "--pid"];
      assertEquals((await run([...inside, "mount", "-t", "proc", "proc", "/proc"])).code, 0);
      const again = await directory.ready("a");
      await directory.send("a", "r");
      const last = await directory.restarted("a", again.pid);
      const record = await directory.contains(
        "a/supervise/process",
        (text) => text !== "",
        "a line",
      );
      assertEquals(record.split(" ")[0], String(last.pid));
      await directory.add("d", readyService);
      Deno.kill(one, "SIGHUP");
      await directory.ready("d");
      const upgrade = await run([...form.command, "scanctl", "--upgrade", directory.path]);
      assertEquals(upgrade.code, 0, upgrade.stderr);
      assertEquals((await directory.status("a")).pid, last.pid);
      Deno.kill(one, "SIGTERM");
      assertEquals((await scan.exited()).code, 0, scan.stderr);
      assertUnharmed(scan.stderr);
    },
  );

  testNeeding(
    [form.missing, refusal],
    `${form.name}: a supervisor and its clients work where /proc is not mounted`,
    async () => {
      await using directory = await ScanDirectory.make({ a: readyService });
      const service = directory.service("a");
      const script = `
      "$1" supervise "$2" &
      until "$1" ok "$2"; do sleep 0.05; done
      "$1" wait -U -t ${DEADLINE} "$2" && "$1" stat -o ready,up "$2" && "$1" control -wD -T ${DEADLINE} -xd "$2" || exit
      wait
    `;
      const { code, stdout, stderr } = await run(
        [...WITHOUT_PROC, "/bin/sh", "-c", script, "sh", ...form.command, service],
      );
      assertEquals([code, stdout], [0, "true true\n"], stderr);
      assertUnharmed(stderr);
    },
  );

  testNeeding(
    [form.missing, refusal],
    `${form.name}: where /proc is not mounted, what rules the runtime is not the caller's, and services get it`,
    async () => {
      const environment = {
        "HOME": "/nonexistent",
        "PATH": "/usr/sbin:/usr/bin:/bin",
        "NODE_OPTIONS": "--require /nonexistent",
        "DENO_V8_FLAGS": "--no-such-flag",
        "DENO_DIR": "/nonexistent",
        "DENO_NO_UPDATE_CHECK": "",
        "lines": "one\ntwo=2\n",
        "long": "x".repeat(100_000),
      };
      const lock = await Deno.makeTempFile();
      try {
        const { code, stdout, stderr } = await run([
          ...WITHOUT_PROC,
          ...["/usr/bin/env", "-i"],
          ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
          ...[...form.command, "setlock", lock, "/usr/bin/env", "-0"],
        ]);
        assertEquals({ code, stderr }, { code: 0, stderr: "" });
        assertEquals(
          // The shell that the executable begins as adds a PWD, which /proc would tell from the caller's.
          stdout.split("\0").slice(0, -1).filter((entry) => !entry.startsWith("PWD=")).sort(),
          Object.entries(environment).map(([name, value]) => `${name}=${value}`).sort(),
        );
      } finally {
        await Deno.remove(lock);
      }
    },
  );
}
