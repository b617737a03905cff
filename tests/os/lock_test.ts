import { assertEquals } from "@std/assert";
import { close, CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { setInherited } from "../../lib/os/descriptor.ts";
import { isLocked, tryLock, unlock } from "../../lib/os/lock.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("a lock is seen through another descriptor, and gone when its own is closed", async () => {
  await using place = await temporaryDirectory();
  const path = `${place.path}/lock`;
  using looker = new Descriptor(open(CWD, path, Open.READ_WRITE | Open.CREATE));
  assertEquals(isLocked(looker.fd, path), false);
  const holder = open(CWD, path, Open.WRITE);
  assertEquals(tryLock(holder, path), true);
  assertEquals(isLocked(looker.fd, path), true);
  assertEquals(tryLock(looker.fd, path), false);
  close(holder);
  assertEquals(isLocked(looker.fd, path), false);
});

Deno.test("a lock that is let go is free while another process has a copy of its descriptor", async () => {
  await using place = await temporaryDirectory();
  const path = `${place.path}/lock`;
  using looker = new Descriptor(open(CWD, path, Open.READ_WRITE | Open.CREATE));
  const holder = open(CWD, path, Open.WRITE);
  assertEquals(tryLock(holder, path), true);
  setInherited(holder, true);
  const child = new Deno.Command("sleep", { args: ["1000"] }).spawn();
  try {
    unlock(holder);
    close(holder);
    assertEquals(isLocked(looker.fd, path), false);
    assertEquals(tryLock(looker.fd, path), true);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
});

Deno.test("a lock outlives the closing of some other descriptor of its file", async () => {
  await using place = await temporaryDirectory();
  const path = `${place.path}/lock`;
  using holder = new Descriptor(open(CWD, path, Open.WRITE | Open.CREATE));
  assertEquals(tryLock(holder.fd, path), true);
  close(open(CWD, path, Open.READ));
  using looker = new Descriptor(open(CWD, path, Open.READ));
  assertEquals(isLocked(looker.fd, path), true);
});
