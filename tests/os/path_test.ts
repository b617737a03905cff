import { assertEquals } from "@std/assert";
import { CWD } from "../../lib/os/file.ts";
import { stat } from "../../lib/os/file_status.ts";
import { chmod } from "../../lib/os/path.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("a mode is set whatever the umask, and read back", async () => {
  await using place = await temporaryDirectory();
  chmod(CWD, place.path, 0o1733);
  const { type, mode } = stat(CWD, place.path);
  assertEquals([type, mode], ["directory", 0o1733]);
  chmod(CWD, place.path, 0o700);
});
