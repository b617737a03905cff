import { assertEquals } from "@std/assert";
import {
  formatConditions,
  parseConditions,
  readScanConditions,
} from "../../lib/servicedir/scan_conditions.ts";
import { ownConditions } from "../../lib/os/conditions.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { Scan, scans } from "../support/scan.ts";
import { until } from "../support/until.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("conditions are what they were after a way through a text", () => {
  const conditions = { ...ownConditions(), niceness: -3, umask: 0o27 };
  assertEquals(parseConditions(formatConditions(conditions)), conditions);
});

Deno.test("a text that is no conditions has none", () => {
  const text = formatConditions(ownConditions());
  for (
    const damaged of [
      "",
      text.slice(1),
      text.slice(0, -1),
      text.replace("end", "limit 1 2\nend"),
      text.replace(/^limit .*\n/m, ""),
      text.replace(/^limit .*/m, "limit 2 1"),
      text.replace(/^limit .*/m, "limit 1 18446744073709551616"),
      text.replace(/^umask .*/, "umask 512"),
      text.replace(/^niceness .*/m, "niceness 1000"),
    ]
  ) assertEquals(parseConditions(damaged), undefined, damaged);
});

/** The number of the limit on open files. */
const RLIMIT_NOFILE = 7;

for (const [name, command] of Object.entries(scans)) {
  testNeeding(
    [name === "s6" ? missingPrograms("s6-svscan") : undefined],
    `the conditions that services have from a scan of ${name} can be read`,
    async () => {
      await using place = await temporaryDirectory("sv-test-");
      assertEquals(readScanConditions(place.path), undefined);
      const typed = ["/bin/sh", "-c", 'umask 027; ulimit -S -n 500; exec "$@"', "sh"];
      {
        await using _scan = await Scan.start(place.path, { command, through: typed });
        // A scan takes commands a moment before it has written them.
        await until(() => readScanConditions(place.path) !== undefined, "the conditions");
        const conditions = readScanConditions(place.path)!;
        assertEquals([conditions.umask, conditions.limits[RLIMIT_NOFILE]?.soft], [0o27, 500n]);
      }
      // What a scan has left does not count.
      assertEquals(readScanConditions(place.path), undefined);
    },
  );
}
