/** Verbs on services that have no supervisor yet, and on names that do not exist. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DEADLINE } from "../../support/deadline.ts";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { readyService, ScanDirectory } from "../../support/scan_directory.ts";
import { until } from "../../support/until.ts";

const env = (directory: ScanDirectory) => ({ env: { SVDIR: directory.path } });

/** Waits until a scan has looked for services: from then on it looks again when it is told to. */
const hasScanned = (directory: ScanDirectory) => directory.ready("first");

/** Waits until a command listens to the events of a service: then it waits for them. */
const isListenedTo = (directory: ScanDirectory, name: string) =>
  until(() => {
    try {
      return [...Deno.readDirSync(`${directory.service(name)}/event`)].length > 0;
    } catch {
      return false;
    }
  }, `${name} to be listened to`);

for (const verb of ["start", "restart"]) {
  Deno.test(`${verb} waits for the first supervisor of a service, and starts it once`, async () => {
    await using directory = await ScanDirectory.make({ first: readyService });
    await using scan = await Scan.start(directory.path);
    await hasScanned(directory);
    await directory.add("new", readyService);
    const started = run([...sv, "-w", `${DEADLINE / 1000}`, verb, "new"], env(directory));
    await isListenedTo(directory, "new");
    await scan.send("a");
    const { code, stdout } = await started;
    assertMatch(stdout, /^ok: run: new: \(pid \d+\) \d+s\n$/);
    assertEquals(code, 0);
    assertEquals((await directory.read("new/starts")).trim().split("\n").length, 1);
  });
}

Deno.test("start of a service that no scan has taken says what makes it do so", async () => {
  await using directory = await ScanDirectory.make({ first: readyService });
  await using _scan = await Scan.start(directory.path);
  await hasScanned(directory);
  await directory.add("new", readyService);
  const { code, stdout } = await run([...sv, "-w", "0", "start", "new"], env(directory));
  assertEquals(code, 1);
  assertEquals(stdout.split("\n")[0], "timeout: new: no supervisor has run here yet");
  assertStringIncludes(stdout, `\`sv scanctl -a ${directory.path}\` has the scan supervise it`);
});

Deno.test("a name that does not exist fails at once, with the nearest name", async () => {
  await using directory = await ScanDirectory.make({ frontend: readyService });
  for (const verb of ["start", "restart", "stop"]) {
    // To wait would take longer than the test may.
    const { code, stdout } = await run([...sv, "-w", "1000", verb, "fronted"], env(directory));
    assertEquals(code, 1);
    assertMatch(stdout, /^fail: fronted: there is no directory .*\/fronted$/m);
    assertStringIncludes(
      stdout,
      "    is frontend meant? `sv list` prints the names that there are\n",
    );
  }
});

Deno.test("a service without a supervisor is not waited for to be stopped", async () => {
  await using directory = await ScanDirectory.make({ web: readyService });
  const { code, stdout } = await run([...sv, "-w", "1000", "stop", "web"], env(directory));
  assertEquals(code, 1);
  assertStringIncludes(stdout, "fail: web: no supervisor has run here yet\n");
});
