/** A log directory after a kill in the middle of a write. */
import { assertEquals, assertThrows } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../../lib/os/file.ts";
import { inodeOf, repair } from "../../../lib/log/collector/repair.ts";
import { LogDirectory } from "../../../lib/log/directory/log_directory.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const LINES = new TextEncoder().encode("first\nsecond\n");

/** Makes a log directory with a `current`, and returns its inode. */
function makeLog(path: string, current: string): string {
  Deno.writeTextFileSync(`${path}/lock`, "");
  Deno.writeTextFileSync(`${path}/current`, current, { mode: 0o644 });
  using file = new Descriptor(open(CWD, `${path}/current`, Open.READ));
  return inodeOf(file.fd);
}

for (let written = 0; written <= LINES.length; written++) {
  Deno.test(`a write of which ${written} bytes are there is finished`, async () => {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    const part = new TextDecoder().decode(LINES.subarray(0, written));
    const inode = makeLog(path, `before\n${part}`);
    assertEquals(repair(path, inode, { inode, position: 7, bytes: LINES }), true);
    const log = LogDirectory.open(path);
    await log.close();
    assertEquals(Deno.readTextFileSync(`${path}/current`), "before\nfirst\nsecond\n");
    assertEquals([...Deno.readDirSync(path)].filter(({ name }) => name.startsWith("@")), []);
  });
}

Deno.test("a write whose file was archived is finished; into a file that is gone it is not", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const inode = makeLog(path, "before\nfirst\nsecond\n");
  Deno.renameSync(`${path}/current`, `${path}/previous`);
  makeLog(path, "");
  const begun = { inode, position: 7, bytes: LINES };
  assertEquals(repair(path, inode, begun), true);
  Deno.renameSync(`${path}/previous`, `${path}/@400000006553f12500000005.s`);
  assertEquals(repair(path, inode, begun), true);
  Deno.removeSync(`${path}/@400000006553f12500000005.s`);
  assertEquals(repair(path, inode, begun), false);
  assertEquals(repair(`${path}/none`, inode, begun), false);
});

Deno.test("a rotation that was under way is left to the log directory", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const inode = makeLog(path, "new\n");
  Deno.writeTextFileSync(`${path}/previous`, "old\n");
  repair(path, inode, undefined);
  const log = LogDirectory.open(path);
  await log.close();
  const archives = [...Deno.readDirSync(path)].map(({ name }) => name)
    .filter((name) => name.startsWith("@")).sort();
  assertEquals(archives.map((name) => Deno.readTextFileSync(`${path}/${name}`)), [
    "old\n",
    "new\n",
  ]);
});

Deno.test("a directory that another logger has is not touched", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  const log = LogDirectory.open(path);
  try {
    assertThrows(() => repair(path, "1", undefined), Error, "another logger writes to");
  } finally {
    await log.close();
  }
});
