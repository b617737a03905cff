import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { waitReadable } from "../../lib/os/descriptor.ts";
import { type DirectoryEvent, DirectoryWatch } from "../../lib/os/directory_watch.ts";
import { SystemError } from "../../lib/os/system_error.ts";
import { DEADLINE } from "../support/deadline.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("what happens in the directories is told in its order, for each", async () => {
  await using at = await temporaryDirectory();
  for (const name of ["a", "b"]) Deno.mkdirSync(`${at.path}/${name}`);
  using watch = new DirectoryWatch();
  const [a, b] = [watch.add(`${at.path}/a`), watch.add(`${at.path}/b`)];
  assertNotEquals(a, b);
  assertEquals(watch.add(`${at.path}/a`), a);
  assertEquals(watch.read(), []);
  Deno.writeTextFileSync(`${at.path}/a/one`, "x");
  Deno.renameSync(`${at.path}/a/one`, `${at.path}/b/twö`);
  Deno.removeSync(`${at.path}/b/twö`);
  Deno.removeSync(`${at.path}/b`);
  assertEquals(waitReadable([watch.fd], DEADLINE), [true]);
  assertEquals(watch.read(), [
    { directory: a, name: "one", what: "made" },
    { directory: a, name: "one", what: "written" },
    { directory: a, name: "one", what: "gone" },
    { directory: b, name: "twö", what: "made" },
    { directory: b, name: "twö", what: "gone" },
    { directory: b, name: "", what: "ended" },
  ]);
});

Deno.test("where the kernel has lost events, that is told", async () => {
  await using at = await temporaryDirectory();
  using watch = new DirectoryWatch();
  watch.add(at.path);
  const room = Number(Deno.readTextFileSync("/proc/sys/fs/inotify/max_queued_events"));
  // Events that equal the one before are merged: so two files take turns.
  for (let event = 0; event <= room; event++) Deno.writeTextFileSync(`${at.path}/${event & 1}`, "");
  let last: DirectoryEvent | undefined;
  for (let events = watch.read(); events.length > 0; events = watch.read()) last = events.at(-1);
  assertEquals(last, { directory: -1, name: "", what: "lost" });
});

Deno.test("what is no directory can't be watched", async () => {
  await using at = await temporaryDirectory();
  Deno.writeTextFileSync(`${at.path}/file`, "");
  using watch = new DirectoryWatch();
  for (const name of ["file", "nowhere"]) {
    assertThrows(() => watch.add(`${at.path}/${name}`), SystemError, `watch ${at.path}/${name}`);
  }
});
