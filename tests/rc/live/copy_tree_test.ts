import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { copyFile, copyTree, removeTree } from "../../../lib/rc/live/copy_tree.ts";
import { openDescriptors } from "../../support/open_descriptors.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

Deno.test("a read error is an error, and not the end of a file", async () => {
  await using place = await temporaryDirectory("sv-rc-test-");
  const copy = join(place.path, "copy");
  // Address 0 is not mapped.
  assertThrows(() => copyFile("/proc/self/mem", copy, 0o644), Error, "Input/output error");
});

Deno.test("deeply nested directories are copied and removed, without a descriptor left", async () => {
  await using place = await temporaryDirectory("sv-rc-test-");
  const [from, to] = [join(place.path, "from"), join(place.path, "to")];
  const deep = "d/".repeat(150);
  await Deno.mkdir(join(from, deep), { recursive: true });
  await Deno.writeTextFile(join(from, deep, "file"), "x");
  await Deno.mkdir(join(from, "empty"));
  await Deno.chmod(join(from, "empty"), 0o1711);
  await Deno.symlink("nowhere", join(from, "d/link"));
  copyTree(from, to);
  assertEquals(await Deno.readTextFile(join(to, deep, "file")), "x");
  assertEquals(await Deno.readLink(join(to, "d/link")), "nowhere");
  assertEquals((await Deno.stat(join(to, "empty"))).mode! & 0o7777, 0o1711);
  removeTree(to);
  assertEquals([...Deno.readDirSync(place.path)].map(({ name }) => name), ["from"]);
  const left = [...openDescriptors().values()].filter((path) => path.startsWith(place.path));
  assertEquals(left, []);
});

Deno.test("a socket is left out of a copy, and removed like a file", async () => {
  await using place = await temporaryDirectory("sv-rc-test-");
  const [from, to] = [join(place.path, "from"), join(place.path, "to")];
  await Deno.mkdir(from);
  using _server = Deno.listen({ transport: "unix", path: join(from, "socket") });
  await Deno.writeTextFile(join(from, "file"), "");
  copyTree(from, to);
  assertEquals([...Deno.readDirSync(to)].map(({ name }) => name), ["file"]);
  removeTree(from);
  assertEquals([...Deno.readDirSync(place.path)].map(({ name }) => name), ["to"]);
});
