/** Two scans, of sv or of s6, never have one directory; the tools of each control both. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { isAlive } from "../support/processes.ts";
import { svCommand } from "../support/program.ts";
import { run } from "../support/run.ts";
import { Scan, scans } from "../support/scan.ts";
import { readyService, ScanDirectory } from "../support/scan_directory.ts";

for (const [first, second] of [["sv", "sv"], ["sv", "s6"], ["s6", "sv"]] as const) {
  Deno.test(`a second scan, ${second} after ${first}, exits 100`, async () => {
    await using directory = await ScanDirectory.make({ a: readyService });
    await using scan = await Scan.start(directory.path, { command: scans[first] });
    const { pid } = await directory.ready("a");
    const { code, stderr } = await run([...scans[second], directory.path]);
    assertEquals(code, 100, stderr);
    if (second === "sv") assertStringIncludes(stderr, "another");
    assertEquals((await directory.status("a")).pid, pid);
    assert(isAlive(scan.pid));
  });
}

for (const scan of ["sv", "s6"] as const) {
  for (const tool of [["s6-svscanctl"], svCommand("scanctl")]) {
    const name = tool.length === 1 ? "s6-svscanctl" : "sv scanctl";
    Deno.test(`${name} drives ${scan}`, async () => {
      await using directory = await ScanDirectory.make({ a: readyService });
      await using running = await Scan.start(directory.path, { command: scans[scan] });
      const a = await directory.ready("a");
      await directory.add("b", readyService);
      assertEquals((await run([...tool, "-a", directory.path])).code, 0);
      await directory.ready("b");
      await Deno.remove(directory.service("a"), { recursive: true });
      assertEquals((await run([...tool, "-an", directory.path])).code, 0);
      await directory.until("b", () => !isAlive(a.pid), "to be the only one");
      assertEquals((await run([...tool, "-t", directory.path])).code, 0);
      assertEquals((await running.exited()).code, 0);
      assertEquals((await run([...tool, "-z", directory.path])).code, 100);
    });
  }
}

Deno.test("sv scanctl --upgrade does nothing to s6-svscan, and says why", async () => {
  await using directory = await ScanDirectory.make({ a: readyService });
  await using scan = await Scan.start(directory.path, { command: scans.s6 });
  await directory.ready("a");
  const { code, stderr } = await run([...svCommand("scanctl"), "--upgrade", directory.path]);
  assertEquals(code, 100);
  assertStringIncludes(stderr, "it is s6-svscan");
  assert(isAlive(scan.pid));
  assertEquals(scan.stderr, "");
});

for (const [args, what] of [[["-Z"], "unknown option"], [[], "no scan directory"]] as const) {
  Deno.test(`sv scanctl ${args.join(" ")}: ${what}`, async () => {
    const { code, stderr } = await run([...svCommand("scanctl"), ...args]);
    assertEquals(code, 100);
    assertStringIncludes(stderr, what);
  });
}
