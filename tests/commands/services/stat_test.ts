import { assertEquals, assertMatch } from "@std/assert";
import { missingPrograms, testNeeding } from "../../support/needs.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { service } from "../../support/service.ts";
import { Supervisor, supervisors } from "../../support/supervisor.ts";
import { until } from "../../support/until.ts";

const runSv = (...args: string[]) => run([...sv, ...args]);

const testSupervised = (name: string, test: () => Promise<void>) =>
  testNeeding([missingPrograms("s6-svok")], name, test);

/** Returns the state of a service, as `sv stat --json` prints it. */
async function state(dir: string) {
  return JSON.parse((await runSv("stat", "--json", dir)).stdout);
}

/** Returns the state of a service once it has failed. */
async function failed(dir: string) {
  let found = await state(dir);
  await until(async () => {
    found = await state(dir);
    return found.failure !== null;
  }, "the failure");
  return found;
}

testSupervised("stat says why a service could not be started, and --json the same", async () => {
  await using place = await service({ files: { run: "#!/bin/sh\n" } });
  await using _supervisor = await Supervisor.start(supervisors.sv, place.path);
  const reason = "cannot start ./run: it is not executable; use chmod +x on it";
  const { up, ready, started, failure } = await failed(place.path);
  assertEquals({ up, ready, started }, { up: false, ready: false, started: false });
  assertEquals(failure, { kind: "start", reason });
  const { stdout } = await runSv("stat", place.path);
  assertEquals(stdout, `down (not started yet), normally up, want up, ${reason}\n`);
});

testSupervised("no service is called ready that is down", async () => {
  await using place = await service({
    run: "#!/bin/sh\nexit 3\n",
    finish: "#!/bin/sh\nexit 125\n",
    files: { down: "" },
  });
  await using _supervisor = await Supervisor.start(supervisors.sv, place.path);
  const first = await state(place.path);
  assertEquals([first.ready, first.finished, first.failure], [false, false, null]);
  await runSv("control", "-u", place.path);
  const { ready, finished, exitCode, failure } = await failed(place.path);
  assertEquals({ ready, finished, exitCode }, { ready: false, finished: true, exitCode: 3 });
  const reason = "failed permanently: ./finish has exited 125";
  assertEquals(failure, { kind: "permanent", reason });
  const { stdout } = await runSv("stat", place.path);
  assertMatch(stdout, /^down \(exitcode 3\) \d+ seconds, failed permanently: .* 125\n$/);
  const asS6 = (await runSv("s6-svstat", place.path)).stdout;
  assertMatch(asS6, /^down \(exitcode 3\) \d+ seconds, ready \d+ seconds\n$/);
});
