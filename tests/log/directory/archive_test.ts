import { assertEquals } from "@std/assert";
import { archiveName, isArchive, surplus } from "../../../lib/log/directory/archive.ts";

const named = (...sizes: number[]) => sizes.map((size, index) => ({ name: `@${index}`, size }));
const names = (archives: readonly { name: string }[]) => archives.map(({ name }) => name);

Deno.test("an archive is named by its instant", () => {
  const name = archiveName(1_700_000_000_000_000_005n, "s");
  assertEquals(name, "@400000006553f12500000005.s");
  assertEquals(isArchive(name), true);
});

Deno.test("other files are no archives", () => {
  for (
    const name of [
      "current",
      "@400000006553f12500000005",
      "@400000006553f12500000005.t",
      "@400000006553f12500000005.s.gz",
      "@40000000655Zf12500000005.u",
    ]
  ) assertEquals(isArchive(name), false, name);
});

Deno.test("the oldest are too many", () => {
  const archives = named(1, 1, 1, 1).reverse();
  assertEquals(names(surplus(archives, { archives: 2, totalSize: 0 })), ["@0", "@1"]);
  assertEquals(surplus(archives, { archives: 4, totalSize: 0 }), []);
  assertEquals(names(surplus(archives, { archives: 0, totalSize: 0 })), ["@0", "@1", "@2", "@3"]);
});

Deno.test("the oldest are removed until the rest is small enough", () => {
  const archives = named(50, 20, 20, 20);
  assertEquals(surplus(archives, { archives: 10, totalSize: 110 }), []);
  assertEquals(names(surplus(archives, { archives: 10, totalSize: 109 })), ["@0"]);
  assertEquals(names(surplus(archives, { archives: 10, totalSize: 20 })), ["@0", "@1", "@2"]);
  assertEquals(surplus(archives, { archives: 10, totalSize: 1 }).length, 4);
});
