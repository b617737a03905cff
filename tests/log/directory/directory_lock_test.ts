import { assertEquals, assertThrows } from "@std/assert";
import { DirectoryLock } from "../../../lib/log/directory/directory_lock.ts";
import { CWD, Descriptor, Open, open } from "../../../lib/os/file.ts";
import { tryLock } from "../../../lib/os/lock.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

Deno.test("a log directory is locked once in a process, too, and is free again after that", async () => {
  await using place = await temporaryDirectory();
  const { path } = place;
  const flags = Open.PATH | Open.DIRECTORY;
  using directory = new Descriptor(open(CWD, path, flags));
  assertEquals(DirectoryLock.take(directory.fd, path, { make: false }), undefined);
  const lock = DirectoryLock.take(directory.fd, path, { make: true })!;
  using again = new Descriptor(open(CWD, path, flags));
  const busy = "another logger writes to this directory";
  assertThrows(() => DirectoryLock.take(again.fd, path, { make: true }), Error, busy);
  // A lock of an open file conflicts with that of this process. To close the file would drop both.
  using file = new Descriptor(open(CWD, `${path}/lock`, Open.WRITE));
  assertEquals(tryLock(file.fd, "lock"), false, "the failed attempt has dropped the lock");
  lock[Symbol.dispose]();
  assertEquals(tryLock(file.fd, "lock"), true);
});

Deno.test("a log directory that the lock of an open file protects is another logger's", async () => {
  await using place = await temporaryDirectory();
  using directory = new Descriptor(open(CWD, place.path, Open.PATH | Open.DIRECTORY));
  using file = new Descriptor(open(CWD, `${place.path}/lock`, Open.WRITE | Open.CREATE));
  assertEquals(tryLock(file.fd, "lock"), true);
  const take = () => DirectoryLock.take(directory.fd, place.path, { make: true });
  assertThrows(take, Error, "another logger writes to this directory");
});
