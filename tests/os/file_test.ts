import { assertEquals, assertThrows } from "@std/assert";
import { readNames } from "../../lib/os/directory.ts";
import { CWD, Descriptor, Open, open, readFile, replaceFile } from "../../lib/os/file.ts";
import { stat } from "../../lib/os/file_status.ts";
import { chmod, unlink } from "../../lib/os/path.ts";
import { SystemError } from "../../lib/os/system_error.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
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

Deno.test("a file that can't be replaced stays, and leaves no temporary beside it", async () => {
  await using place = await temporaryDirectory();
  Deno.mkdirSync(`${place.path}/target`);
  assertThrows(
    () => replaceFile(CWD, `${place.path}/target`, `${place.path}/new`, new Uint8Array(1)),
    SystemError,
    "Cannot rename",
  );
  assertEquals([...Deno.readDirSync(place.path)].map(({ name }) => name), ["target"]);
});

Deno.test("reading a FIFO as a file does not hang", async () => {
  await using place = await temporaryDirectory();
  const path = `${place.path}/fifo`;
  assertEquals((await new Deno.Command("mkfifo", { args: [path] }).output()).code, 0);
  assertEquals(readFile(CWD, path), new Uint8Array(0));
});

Deno.test("errors name what was tried, on which path, and why it failed", () => {
  const before = openDescriptors();
  assertThrows(
    () => readFile(CWD, "/no/such/file"),
    SystemError,
    "Cannot open /no/such/file for reading: No such file or directory",
  );
  assertThrows(() => readFile(CWD, "/"), SystemError, "Cannot read /: Is a directory");
  assertEquals(openDescriptors(), before);
});

Deno.test("a mode is set whatever the umask, and read back", async () => {
  await using place = await temporaryDirectory();
  chmod(CWD, place.path, 0o1733);
  const { type, mode } = stat(CWD, place.path);
  assertEquals([type, mode], ["directory", 0o1733]);
  chmod(CWD, place.path, 0o700);
});
