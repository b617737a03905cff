/** The scripts for runit, inittab and s6-linux-init, run by what would run them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { exists } from "@std/fs/exists";
import {
  inittabLines,
  LONGEST_INITTAB_COMMAND,
  runitScript,
  s6LinuxInitScript,
} from "../../lib/boot/scripts.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { sv } from "../support/program.ts";
import { run } from "../support/run.ts";
import { start } from "../support/start.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";
import { within } from "../support/within.ts";
import { writeFifo } from "../support/write_fifo.ts";

const settings = {
  sv,
  scandir: "/run/service",
  services: undefined,
  watchdog: 60,
  awaitServices: false,
};

/** Has a supervisor run a script that starts a scan with one service, then brings that scan down. */
async function supervised(
  script: typeof runitScript,
  supervisor: string,
  files: Readonly<Record<string, string>>,
  down: string,
): Promise<void> {
  await using directory = await temporaryDirectory();
  const at = (path: string) => `${directory.path}/${path}`;
  await Deno.mkdir(at("boot"));
  await Deno.mkdir(at("services/web"), { recursive: true });
  const service = "#!/bin/sh\necho $$ >pid.new\nmv pid.new pid\nexec sleep 100000\n";
  await Deno.writeTextFile(at("services/web/run"), service, { mode: 0o755 });
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(at(`boot/${name}`), text);
  }
  const run_ = script({ ...settings, scandir: at("scan dir"), services: at("services") });
  await Deno.writeTextFile(at("boot/run"), run_, { mode: 0o755 });
  const child = start([supervisor, at("boot")]);
  try {
    await until(() => exists(at("services/web/pid")), "the service to be started");
    assert(await exists(at("scan dir/web/run")), "the service is not linked");
    await writeFifo(at("boot/supervise/control"), down);
    await within(child.status, `${supervisor} to end`);
    const pid = Number(await Deno.readTextFile(at("services/web/pid")));
    assertEquals(await exists(`/proc/${pid}`), false, "the service was left behind");
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await child.status;
  }
}

testNeeding(
  [missingPrograms("runsv")],
  "runit runs the scan, and its stop brings the services down",
  () => supervised(runitScript, "runsv", {}, "dx"),
);

testNeeding(
  [missingPrograms("s6-supervise")],
  "s6-supervise runs the scan, and its stop brings the services down",
  () => supervised(s6LinuxInitScript, "s6-supervise", { "notification-fd": "3\n" }, "dx"),
);

Deno.test("the command for inittab is a command of a shell, and short enough", async () => {
  const short = { ...settings, sv: ["/usr/local/bin/sv"], services: "/etc/sv" };
  const { command, text } = inittabLines(short);
  assert(command.length <= LONGEST_INITTAB_COMMAND, `${command.length} bytes`);
  assertStringIncludes(text, `\nSV:2345:respawn:${command}\n`);
  assertEquals((await run(["sh", "-n", "-c", command])).code, 0);
  const printed = await run(["sh", "-c", command.replace("/bin/sh -c", "echo")]);
  assertEquals(
    printed.stdout,
    "mkdir -p /run/service; ln -sf /etc/sv/* /run/service/; " +
      "exec /usr/local/bin/sv svscanboot /run/service\n",
  );
});
