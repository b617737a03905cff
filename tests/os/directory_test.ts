import { assertEquals } from "@std/assert";
import { readNames } from "../../lib/os/directory.ts";
import { CWD, Descriptor, Open, open, readFile, replaceFile } from "../../lib/os/file.ts";
import { unlink } from "../../lib/os/path.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("a name that is not UTF-8 is listed, opened and removed", async () => {
  await using place = await temporaryDirectory();
  const name = "caf\udce9\udcff";
  using directory = new Descriptor(open(CWD, place.path, Open.READ | Open.DIRECTORY));
  replaceFile(directory.fd, name, `${name}.new`, Uint8Array.of(1, 2));
  assertEquals(readNames(directory.fd, place.path), [name]);
  assertEquals(readFile(directory.fd, name), Uint8Array.of(1, 2));
  assertEquals(unlink(directory.fd, name), true);
  assertEquals(unlink(directory.fd, name), false);
});

Deno.test("a directory of a thousand names is listed whole, again and again", async () => {
  await using place = await temporaryDirectory();
  const names = Array.from({ length: 1000 }, (_, index) => `a-rather-long-file-name-${index}`);
  for (const name of names) Deno.writeTextFileSync(`${place.path}/${name}`, "");
  using directory = new Descriptor(open(CWD, place.path, Open.READ | Open.DIRECTORY));
  for (let time = 0; time < 2; time++) {
    assertEquals(readNames(directory.fd, place.path).sort(), names.toSorted());
  }
});
