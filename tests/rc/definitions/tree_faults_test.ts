import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { findTreeFaults } from "../../../lib/rc/definitions/tree_faults.ts";
import { writeFiles } from "../../support/files.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

function faults(root: string): string[] {
  const found: string[] = [];
  findTreeFaults(
    root,
    (message) => found.push(`error: ${message}`),
    (message) => found.push(`warning: ${message}`),
  );
  return found;
}

Deno.test("files, directories and links can be copied", async () => {
  await using place = await temporaryDirectory("sv-rc-test-");
  await writeFiles(place.path, { "a/b/c": "", "d": "" });
  await Deno.symlink("nowhere", join(place.path, "a/link"));
  assertEquals(faults(place.path), []);
});

Deno.test("a device can't be copied", () => {
  assertEquals(faults("/dev/null"), [
    "error: /dev/null is a device, which is not copied; remove it",
  ]);
});

Deno.test("a socket is left out", async () => {
  await using place = await temporaryDirectory("sv-rc-test-");
  await Deno.mkdir(join(place.path, "a"));
  const path = join(place.path, "a/socket");
  using _server = Deno.listen({ transport: "unix", path });
  assertEquals(faults(place.path), [`warning: ${path} is a socket: it will be left out`]);
});
