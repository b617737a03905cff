import { assert, assertEquals } from "@std/assert";
import { awaitScan } from "../../lib/scan/await_scan.ts";
import { monotonicClock } from "../../lib/os/clock.ts";
import { DEADLINE } from "../support/deadline.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { Scan, scans } from "../support/scan.ts";
import { ScanDirectory } from "../support/scan_directory.ts";

for (const [name, command] of Object.entries(scans)) {
  Deno.test(`a scan, ${name}'s, is waited for: the first on a directory, and the next`, async () => {
    await using directory = await ScanDirectory.make();
    assertEquals(awaitScan(directory.path, monotonicClock() + 10), false);
    const watches = () =>
      [...openDescriptors().values()].filter((target) => target.includes("inotify")).length;
    const before = watches();
    for (let round = 0; round < 2; round++) {
      // This process stands still while it waits, so the scan starts by itself, a little later.
      await using _scan = Scan.launch(directory.path, {
        through: ["sh", "-c", 'sleep 0.2; exec "$@"', "sh"],
        command,
      });
      assert(awaitScan(directory.path, monotonicClock() + DEADLINE));
      assert(awaitScan(directory.path, 0));
    }
    assertEquals(watches(), before);
  });
}
