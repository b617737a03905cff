import { assertEquals, assertNotEquals } from "@std/assert";
import { pipe, replaceDescriptor } from "../../lib/os/descriptor.ts";
import { close, CWD, Descriptor, Open, open, tryRead, writeAll } from "../../lib/os/file.ts";
import { fstat } from "../../lib/os/file_status.ts";
import { libc } from "../../lib/os/libc.ts";
import { mkfifo } from "../../lib/os/path.ts";
import { reopenPipe } from "../../lib/servicedir/survivor.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

/** A number that nothing here has opened; this process plays the survivor. */
const FD = 200;

Deno.test("both ends of a survivor's pipe are opened, and wait", () => {
  const ends = pipe();
  replaceDescriptor(FD, ends.write);
  const reopened = reopenPipe(Deno.pid, FD)!;
  writeAll(reopened.write, Uint8Array.of(7), "the pipe");
  const buffer = new Uint8Array(8);
  assertEquals([tryRead(ends.read, buffer), buffer[0]], [1, 7]);
  for (const fd of [FD, ends.read, ends.write, reopened.read, reopened.write]) close(fd);
});

Deno.test("a FIFO that a survivor puts in the place of its pipe is not taken for it", async () => {
  await using place = await temporaryDirectory();
  mkfifo(CWD, `${place.path}/fifo`, 0o600);
  using fifo = new Descriptor(open(CWD, `${place.path}/fifo`, Open.READ_WRITE));
  // A function of libc that is called often is bound anew: from then on it stays.
  for (let calls = 0; calls < 200; calls++) libc.openat(-1, new Uint8Array(1), 0, 0);
  libc.readlinkat(-1, new Uint8Array(1), new Uint8Array(1), 1n);
  for (
    const [name, original] of [["openat", libc.openat], ["readlinkat", libc.readlinkat]] as const
  ) {
    const ends = pipe();
    replaceDescriptor(FD, ends.write);
    const before = openDescriptors().size;
    let calls = 0;
    // The worst survivor: right after the first look, or the first open.
    const value = (...args: unknown[]) => {
      const result = (original as (...args: unknown[]) => unknown)(...args);
      if (++calls === 1) replaceDescriptor(FD, fifo.fd);
      return result;
    };
    Object.defineProperty(libc, name, { value, configurable: true });
    try {
      const reopened = reopenPipe(Deno.pid, FD);
      if (reopened !== undefined) {
        writeAll(reopened.write, Uint8Array.of(7), "the pipe");
        const buffer = new Uint8Array(8);
        assertEquals([tryRead(reopened.read, buffer), buffer[0]], [1, 7], "of one pipe");
        assertNotEquals(fstat(reopened.read).identity, fstat(fifo.fd).identity);
        close(reopened.read);
        close(reopened.write);
      }
    } finally {
      Object.defineProperty(libc, name, { value: original, configurable: true });
    }
    assertEquals(openDescriptors().size, before, `no descriptor is left after ${name}`);
    for (const fd of [FD, ends.read, ends.write]) close(fd);
  }
});
