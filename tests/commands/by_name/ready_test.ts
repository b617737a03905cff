/** `sv ready`: the exit code, and the reasons. */
import { assertEquals, assertMatch } from "@std/assert";
import { sv } from "../../support/program.ts";
import { run } from "../../support/run.ts";
import { Scan } from "../../support/scan.ts";
import { readyService, ScanDirectory, silentService } from "../../support/scan_directory.ts";

Deno.test("it tells by its exit code whether services are ready, and says why they are not", async () => {
  await using directory = await ScanDirectory.make({ web: readyService, off: silentService });
  Deno.writeTextFileSync(`${directory.path}/off/down`, "");
  const ready = (...args: string[]) =>
    run([...sv, "ready", ...args], { env: { SVDIR: directory.path } });
  const before = await ready();
  assertEquals([before.code, before.stdout], [1, ""]);
  assertMatch(
    before.stderr,
    /^sv ready: off: unsupervised: .*\nsv ready: web: unsupervised: .*\n$/,
  );

  await using _scan = await Scan.start(directory.path);
  await directory.ready("web");
  await directory.until("off", ({ pid }) => pid === 0, "to be supervised");
  for (const words of [[], ["web"], ["-q"], [directory.service("web")], ["w*"]]) {
    const { code, stderr, stdout } = await ready(...words);
    assertEquals([code, stdout, stderr], [0, "", ""], words.join(" "));
  }
  const off = await ready("web", "off");
  assertEquals(off.code, 1);
  assertMatch(off.stderr, /^sv ready: off: down: not started yet; .*\n$/);
  const quiet = await ready("-q", "off", "nope");
  assertEquals([quiet.code, quiet.stdout, quiet.stderr], [1, "", ""]);
  assertMatch(
    (await ready("nope")).stderr,
    /^sv ready: nope: missing: there is no directory .*\n$/,
  );
});

Deno.test("a scan directory that can't be read is no answer", async () => {
  const { code, stderr } = await run([...sv, "ready"], { env: { SVDIR: "/no/such/directory" } });
  assertEquals(code, 111);
  assertMatch(stderr, /^sv ready: fatal: .*\/no\/such\/directory/);
});
