import { assertEquals } from "@std/assert";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { sv, svCommand } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { service } from "../../support/service.ts";
import { Supervisor } from "../../support/supervisor.ts";
import { until } from "../../support/until.ts";

const SLEEPS = { run: "#!/bin/sh\nexec sleep 1000\n" };
const needs = [missingPrograms("pgrep", "s6-svok")];

const found = async (...args: string[]) => (await run(["pgrep", ...args])).code === 0;

testNeeding(needs, "pgrep -f finds sv supervise by its command line", async () => {
  await using place = await service(SLEEPS);
  await using _supervisor = await Supervisor.start(svCommand("supervise"), place.path);
  await until(() => found("-f", `^sv supervise ${place.path}`), "the command line");
});

testNeeding(needs, "pgrep finds s6-supervise by its name, where it was called so", async () => {
  // Only an executable can be called by another name.
  if (sv.length !== 1) return;
  await using place = await service(SLEEPS);
  const link = `${place.parent}/s6-supervise`;
  await Deno.symlink(sv[0]!, link);
  await using _supervisor = await Supervisor.start([link], place.path);
  const [pid] = await processesOf(place.path, "s6-supervise");
  assertEquals((await Deno.readTextFile(`/proc/${pid}/comm`)).trim(), "s6-supervise");
});

/** Returns the processes of a name whose command line ends with a directory, once there is one. */
async function processesOf(directory: string, name: string): Promise<string[]> {
  let pids: string[] = [];
  await until(async () => {
    const { stdout } = await run(["pgrep", "-x", name]);
    pids = stdout.split("\n").filter((pid) => pid !== "" && lineOf(pid).includes(directory));
    return pids.length > 0;
  }, `a process ${name}`);
  return pids;
}

/** Returns the command line of a process; empty where it has ended meanwhile. */
function lineOf(pid: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`);
  } catch {
    return "";
  }
}
