/** `-v`: each change of a service's state in a line on standard error. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { writeFiles } from "../../support/files.ts";
import { svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { READY, readyService, ScanDirectory } from "../../support/scan_directory.ts";
import { readStatusFile } from "../../support/status_file.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";

Deno.test("scan -v says each change of state with the service's name, also after an upgrade", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  await using scan = await Scan.start(directory.path, { options: ["-v"] });
  const { pid } = await directory.ready("web");
  await scan.says(`${directory.path}: web: up, pid ${pid}\n`);
  await scan.says(/: web: ready after [\d.]+ m?s\n/);
  const upgraded = await run([...svCommand("scanctl"), "--upgrade", directory.path]);
  assertEquals(upgraded.code, 0, upgraded.stderr);
  Deno.kill(pid, "SIGKILL");
  await scan.says(
    /: web: died by SIGKILL after [\d.]+ m?s; started again (at once|in [\d.]+ m?s)\n/,
  );
  const again = await directory.restarted("web", pid);
  await scan.says(`: web: up, pid ${again.pid}\n`);
  await scan.send("t");
  assertEquals((await scan.exited()).code, 0);
  await scan.says(
    /: web: told to go down\n.*: web: ended by SIGTERM after .*; its supervisor exits\n/,
  );
});

Deno.test("without -v a scan says nothing of what goes well", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  await using scan = await Scan.start(directory.path);
  const { pid } = await directory.ready("web");
  Deno.kill(pid, "SIGKILL");
  await directory.restarted("web", pid);
  await scan.send("t");
  await scan.exited();
  assertEquals(scan.stderr, "");
});

Deno.test("a standard error that is full keeps supervise -v from nothing, and lost lines are counted", async () => {
  await using place = await temporaryDirectory();
  await writeFiles(`${place.path}/web`, { run: READY, "notification-fd": "3\n" });
  const script = "mkfifo err; exec 9<>err\n" +
    "dd if=/dev/zero of=/dev/fd/9 bs=4096 count=300 oflag=nonblock 2>/dev/null; : >full\n" +
    'exec "$@" 2>&9 9>&-\n';
  const supervisor = new Deno.Command("sh", {
    args: ["-c", script, "sh", ...svCommand("supervise"), "-v", "web"],
    cwd: place.path,
    stdin: "null",
  }).spawn();
  try {
    const directory = `${place.path}/web`;
    let pid = 0;
    const restarted = () =>
      until(async () => {
        const status = await readStatusFile(directory).catch(() => undefined);
        if (!status?.ready || status.pid === 0 || status.pid === pid) return false;
        pid = status.pid;
        return true;
      }, "the service to be ready again");
    await restarted();
    Deno.kill(pid, "SIGKILL");
    await restarted();
    using err = await Deno.open(`${place.path}/err`, { read: true });
    let text = "";
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(65_536);
    const read = async () => {
      const count = await within(err.read(buffer), "a line of the supervisor") ?? 0;
      text += decoder.decode(buffer.subarray(0, count)).replaceAll("\0", "");
    };
    await read();
    Deno.kill(pid, "SIGKILL");
    while (!/died by SIGKILL.*\n/.test(text)) await read();
    const [, lost] = /^sv supervise web: warning: (\d+) lines were lost\n/m.exec(text) ?? [];
    assert(Number(lost) >= 5, text);
    assertMatch(text, /^sv supervise web: died by SIGKILL after /m);
  } finally {
    supervisor.kill("SIGTERM");
    await supervisor.status;
  }
});
