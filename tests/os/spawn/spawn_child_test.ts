import { assertEquals, assertThrows } from "@std/assert";
import { spawnChild } from "../../../lib/os/spawn/spawn_child.ts";
import { SystemError } from "../../../lib/os/system_error.ts";
import { openDescriptors } from "../../support/open_descriptors.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { until } from "../../support/until.ts";

const read = (path: string) => Deno.readTextFile(path).catch(() => undefined);

Deno.test("a child is found by PATH, in this session, with no descriptor but the standard ones", async () => {
  await using place = await temporaryDirectory();
  const report = `${place.path}/report`;
  const script = 'cut -d" " -f6 /proc/$$/stat; ls /proc/$$/fd';
  spawnChild(["sh", "-c", `{ ${script}; } >"$0.new"; mv "$0.new" "$0"`, report]);
  const [session, ...fds] = (await until(() => read(report), "the child's report"))
    .trim().split("\n");
  const own = Deno.readTextFileSync("/proc/self/stat").replace(/^.*\) /, "").split(" ");
  assertEquals(session, own[3]);
  // The shell's own redirection takes 1 and may keep a copy of the old one at 10 or higher.
  assertEquals(fds.filter((fd) => Number(fd) > 2 && Number(fd) < 10), []);
});

Deno.test("a program that is not there is named, and nothing stays open", () => {
  const before = openDescriptors();
  assertThrows(
    () => spawnChild(["no-such-program"]),
    SystemError,
    "Cannot run no-such-program: No such file or directory",
  );
  assertThrows(() => spawnChild(["/"]), SystemError, "Cannot run /: Permission denied");
  assertEquals(openDescriptors(), before);
});
