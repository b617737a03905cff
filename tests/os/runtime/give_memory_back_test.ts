import { assert, assertEquals } from "@std/assert";
import { unchangedMappings } from "../../../lib/os/runtime/give_memory_back.ts";
import { ScanDirectory, silentService } from "../../support/scan_directory.ts";
import { Scan } from "../../support/scan.ts";
import { until } from "../../support/until.ts";

/** An entry of smaps, with some of its lines. */
const entry = (head: string, dirty: number, anonymous: number) =>
  `${head}\nSize:                 64 kB\nRss:                  16 kB\nPrivate_Dirty:     ${dirty} kB\n` +
  `Anonymous:         ${anonymous} kB\nVmFlags: rd ex mr mw me\n`;

Deno.test("only what is as it is in its file, and stays so, is given back", () => {
  const smaps = entry("1000-3000 r--p 00000000 fe:01 77   /opt/sv/runtime/sv", 0, 0) +
    entry("3000-8000 r-xp 00002000 fe:01 77     /opt/sv/runtime/sv", 0, 0) +
    // In memory, as /run is.
    entry("e000-f000 r-xp 00002000 00:18 77     /run/sv-runtime-0/sv", 4, 0) +
    // Relocations, and what is written to.
    entry("8000-9000 r--p 00007000 fe:01 77     /opt/sv/runtime/sv", 8, 8) +
    entry("9000-a000 rw-p 00008000 fe:01 77     /opt/sv/runtime/sv", 0, 0) +
    // Shared, of no file, of the kernel, of a file that is gone.
    entry("a000-b000 r--s 00000000 fe:01 78     /var/cache/x", 0, 0) +
    entry("b000-c000 r-xp 00000000 00:00 0 ", 0, 0) +
    entry("c000-d000 r-xp 00000000 00:00 0      [vdso]", 0, 0) +
    entry("d000-e000 r-xp 00000000 00:01 9      /memfd:x (deleted)", 0, 0);
  assertEquals(unchangedMappings(smaps), [
    { start: 0x1000n, length: 0x2000n },
    { start: 0x3000n, length: 0x5000n },
    { start: 0xe000n, length: 0x1000n },
  ]);
});

/** The memory of a process's files that it has in use, in KiB. */
function ofFiles(pid: number): number {
  return Number(/^RssFile:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]);
}

Deno.test("a scan gives back what only its start has needed, and works", async () => {
  await using directory = await ScanDirectory.make({ a: silentService });
  await using scan = await Scan.start(directory.path);
  await directory.up("a");
  const before = ofFiles(scan.pid);
  await until(() => ofFiles(scan.pid) < before / 2, "less memory to be in use");
  const { pid } = await directory.status("a");
  await directory.send("a", "r");
  await directory.restarted("a", pid);
  assert(ofFiles(scan.pid) > 0);
});
