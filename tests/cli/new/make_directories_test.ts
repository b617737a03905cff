import { assertEquals, assertThrows } from "@std/assert";
import { ExistsError, makeDirectories } from "../../../lib/cli/new/make_directories.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const FILES = { "run": { text: "#!/bin/sh\n", program: true }, "data/sv/x": { text: "1\n" } };

const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();

Deno.test("directories are made with their files and modes", async () => {
  await using directory = await temporaryDirectory();
  const umask = Deno.umask(0o022);
  try {
    makeDirectories(directory.path, { a: FILES, b: {} });
  } finally {
    Deno.umask(umask);
  }
  assertEquals(namesIn(directory.path), ["a", "b"]);
  const mode = (path: string) => (Deno.statSync(`${directory.path}/${path}`).mode! & 0o777);
  assertEquals([mode("a"), mode("a/run"), mode("a/data/sv/x")], [0o755, 0o755, 0o644]);
  assertEquals(Deno.readTextFileSync(`${directory.path}/a/data/sv/x`), "1\n");
});

Deno.test("where one of the names is taken none is made, and nothing is left", async () => {
  await using directory = await temporaryDirectory();
  await Deno.mkdir(`${directory.path}/b`);
  const error = assertThrows(
    () => makeDirectories(directory.path, { a: FILES, b: FILES, c: FILES }),
    ExistsError,
  );
  assertEquals(error.path, `${directory.path}/b`);
  assertEquals(namesIn(directory.path), ["b"]);
  assertEquals(namesIn(`${directory.path}/b`), []);
});

Deno.test("where a file can't be written nothing is left", async () => {
  await using directory = await temporaryDirectory();
  const tooLong = { ["x".repeat(256)]: { text: "" } };
  assertThrows(() => makeDirectories(directory.path, { a: FILES, b: { ...FILES, ...tooLong } }));
  assertEquals(namesIn(directory.path), []);
  assertThrows(() => makeDirectories(`${directory.path}/nowhere`, { a: FILES }));
});

Deno.test("an error while they are inspected leaves nothing", async () => {
  await using directory = await temporaryDirectory();
  assertThrows(() =>
    makeDirectories(directory.path, { a: FILES }, (paths) => {
      assertEquals(namesIn(paths.get("a")!), ["data", "run"]);
      throw new Error("no");
    })
  );
  assertEquals(namesIn(directory.path), []);
});
