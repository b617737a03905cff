import { assertEquals } from "@std/assert";
import { CWD, Descriptor, Open, open } from "../../lib/os/file.ts";
import { fstat } from "../../lib/os/file_status.ts";
import { mkfifo } from "../../lib/os/path.ts";
import { setMode } from "../../lib/os/rights.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("a mode is set whatever the umask, and read back", async () => {
  await using place = await temporaryDirectory();
  using directory = new Descriptor(open(CWD, place.path, Open.READ | Open.DIRECTORY));
  setMode(directory.fd, 0o1733, place.path);
  const { type, mode } = fstat(directory.fd);
  assertEquals([type, mode], ["directory", 0o1733]);
  setMode(directory.fd, 0o700, place.path);
});

Deno.test("the mode of a FIFO is set without a reader or a writer of it", async () => {
  await using place = await temporaryDirectory();
  mkfifo(CWD, `${place.path}/fifo`, 0o600);
  using fifo = new Descriptor(open(CWD, `${place.path}/fifo`, Open.PATH | Open.NOFOLLOW));
  setMode(fifo.fd, 0o622, "fifo");
  assertEquals(fstat(fifo.fd).mode, 0o622);
});
