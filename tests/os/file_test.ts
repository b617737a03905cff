import { assertEquals, assertThrows } from "@std/assert";
import { CWD, readFile, replaceFile } from "../../lib/os/file.ts";
import { SystemError } from "../../lib/os/system_error.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

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
