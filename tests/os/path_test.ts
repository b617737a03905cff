import { assertEquals } from "@std/assert";
import { CWD } from "../../lib/os/file.ts";
import { renameNew } from "../../lib/os/path.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("renameNew replaces neither a file, nor an empty directory, nor a link to nothing", async () => {
  await using directory = await temporaryDirectory();
  const path = (name: string) => `${directory.path}/${name}`;
  Deno.mkdirSync(path("new"));
  Deno.writeTextFileSync(path("file"), "");
  Deno.mkdirSync(path("folder"));
  Deno.symlinkSync("nowhere", path("link"));
  for (const name of ["file", "folder", "link"]) {
    assertEquals(renameNew(CWD, path("new"), path(name)), false, name);
  }
  assertEquals(renameNew(CWD, path("new"), path("other")), true);
  const names = [...Deno.readDirSync(directory.path)].map(({ name }) => name).sort();
  assertEquals(names, ["file", "folder", "link", "other"]);
});
