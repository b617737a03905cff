/** Executables where no process may make code while it runs. */
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { DEADLINE } from "../support/deadline.ts";
import { refused, testNeeding } from "../support/needs.ts";
import { run } from "../support/run.ts";
import { Scan } from "../support/scan.ts";
import { readyService, ScanDirectory } from "../support/scan_directory.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { packed, unpacked } from "./forms.ts";

/** A command line that denies it to the program that follows, and to what that starts. */
const WITHOUT_CODE = [
  Deno.execPath(),
  ...["run", "--quiet", "--no-config", "--no-lock", "-A", "--v8-flags=--jitless"],
  fromFileUrl(new URL("deny_code.ts", import.meta.url)),
];
const refusal = await refused(...WITHOUT_CODE, "/bin/true");

for (const form of [packed, unpacked]) {
  testNeeding(
    [form.missing, refusal],
    `${form.name}: a scan works and is upgraded where no code may be made`,
    async () => {
      await using directory = await ScanDirectory.make({ a: readyService });
      const command = [...form.command, "scan"];
      await using scan = await Scan.start(directory.path, { command, through: WITHOUT_CODE });
      const { pid } = await directory.ready("a");
      const program = () => Deno.readFileSync(`/proc/${scan.pid}/auxv`).toString();
      const old = program();
      const upgrade = await run([
        ...WITHOUT_CODE,
        ...form.command,
        ...["scanctl", "--upgrade", directory.path],
      ]);
      assertEquals(upgrade.code, 0, upgrade.stderr);
      await until(() => program() !== old, "another program in the same process");
      assertEquals((await directory.status("a")).pid, pid);
      Deno.kill(scan.pid, "SIGTERM");
      assertEquals((await scan.exited()).code, 0, scan.stderr);
      assertEquals(scan.stderr, "");
    },
  );

  testNeeding(
    [form.missing, refusal],
    `${form.name}: a supervisor and its clients work where no code may be made`,
    async () => {
      await using directory = await ScanDirectory.make({ a: readyService });
      const service = directory.service("a");
      const sv = (...args: string[]) => run([...WITHOUT_CODE, ...form.command, ...args]);
      const supervisor = run([...WITHOUT_CODE, ...form.command, "supervise", service]);
      await until(async () => (await sv("ok", service)).code === 0, "the supervisor to be there");
      assertEquals((await sv("wait", "-U", "-t", `${DEADLINE}`, service)).code, 0);
      assertEquals((await sv("stat", "-o", "ready,up", service)).stdout, "true true\n");
      assertEquals((await sv("death-tally", service)).code, 0);
      assertEquals((await sv("status", "-q", service)).code, 0);
      assertEquals((await sv("control", "-wD", "-T", `${DEADLINE}`, "-xd", service)).code, 0);
      const { code, stderr } = await within(supervisor, "the end of the supervisor");
      assertEquals({ code, stderr }, { code: 0, stderr: "" });
    },
  );
}
