import { assertEquals } from "@std/assert";
import { pipe } from "../../lib/os/descriptor.ts";
import { close, CWD, Open, open, writeAll } from "../../lib/os/file.ts";
import { readAt, spliceToEnd, truncate, tryWriteAt } from "../../lib/os/journal_file.ts";
import { Errno } from "../../lib/os/system_error.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

Deno.test("bytes go from a pipe to the end of a file, and the file is written in any place", async () => {
  await using directory = await temporaryDirectory();
  const file = open(CWD, `${directory.path}/file`, Open.READ_WRITE | Open.CREATE);
  const ends = pipe({ nonblockingRead: true });
  const content = () => Deno.readTextFileSync(`${directory.path}/file`);
  try {
    assertEquals(spliceToEnd(ends.read, file, 100), -Errno.EAGAIN);
    writeAll(ends.write, new TextEncoder().encode("hello world"), "text");
    assertEquals(spliceToEnd(ends.read, file, 6), 6);
    assertEquals(tryWriteAt(file, new TextEncoder().encode("J"), 0), 1);
    assertEquals(spliceToEnd(ends.read, file, 100), 5);
    assertEquals(content(), "Jello world");
    const bytes = new Uint8Array(20);
    assertEquals(readAt(file, bytes, 6), 5);
    assertEquals(new TextDecoder().decode(bytes.subarray(0, 5)), "world");
    truncate(file, 5);
    assertEquals(content(), "Jello");
  } finally {
    close(ends.write);
    assertEquals(spliceToEnd(ends.read, file, 100), 0, "there is no writer any more");
    close(ends.read);
    close(file);
  }
});
