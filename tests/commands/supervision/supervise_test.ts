import { assertEquals } from "@std/assert";
import { atATime } from "../../support/at_a_time.ts";
import { writeFiles } from "../../support/files.ts";
import { sv } from "../../support/program.ts";
import { readStatusFile } from "../../support/status_file.ts";
import { Supervisor } from "../../support/supervisor.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";
import { within } from "../../support/within.ts";

const STARTS = 60;

async function isUp(directory: string): Promise<boolean> {
  const status = await readStatusFile(directory).catch(() => undefined);
  return status !== undefined && status.pid !== 0;
}

/** Starts a supervisor, and ends it some milliseconds after its service has come up. */
async function endAfter(directory: string, milliseconds: number): Promise<number> {
  Deno.mkdirSync(directory);
  Deno.writeTextFileSync(`${directory}/run`, "#!/bin/sh\nexec sleep 1000\n", { mode: 0o755 });
  const [file, ...args] = [...sv, "supervise", directory];
  const supervisor = new Deno.Command(file!, { args, stdin: "null", stdout: "null" }).spawn();
  await until(() => isUp(directory), "the service to be up");
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  supervisor.kill("SIGTERM");
  return (await within(supervisor.status, "the supervisor to exit")).code;
}

// The supervisor sleeps in different ways, depending on how long nothing has happened.
Deno.test(`a signal is obeyed at whatever moment it comes (${STARTS} times)`, async () => {
  await using place = await temporaryDirectory();
  const moments = Array.from({ length: STARTS }, (_, index) => index / 2);
  const codes = await Promise.all(
    atATime(6, moments, (moment) => endAfter(`${place.path}/${moment}`, moment)),
  );
  assertEquals(codes, Array(STARTS).fill(0));
});

for (const name of ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT"] as const) {
  Deno.test(`a supervisor that was started with all signals blocked obeys ${name}`, async () => {
    await using place = await temporaryDirectory();
    const directory = place.path;
    await writeFiles(directory, { run: "#!/bin/sh\nexec sleep 1000\n" });
    await using supervisor = await Supervisor.start([...sv, "supervise"], directory, {
      through: ["env", "--block-signal"],
    });
    await until(() => isUp(directory), "the service to be up");
    const { pid } = await readStatusFile(directory);
    Deno.kill(supervisor.pid, name);
    // HUP: the supervisor exits when its service does.
    if (name === "SIGHUP") Deno.kill(pid, "SIGTERM");
    assertEquals((await supervisor.exited).code, 0);
  });
}
