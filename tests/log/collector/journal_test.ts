/** The journal, left by a killed process at every point between two system calls. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { close, CWD, Open, open, writeAll } from "../../../lib/os/file.ts";
import { mkfifo } from "../../../lib/os/path.ts";
import { Errno } from "../../../lib/os/system_error.ts";
import { Journal } from "../../../lib/log/collector/journal.ts";
import { run } from "../../support/run.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const LIMIT = 1 << 20;

/** Calls with the path of a journal, and both ends of a FIFO. */
async function withFifo(
  call: (path: string, fifo: { read: number; write: number }) => void | Promise<void>,
): Promise<void> {
  await using directory = await temporaryDirectory();
  mkfifo(CWD, `${directory.path}/fifo`, 0o600);
  const read = open(CWD, `${directory.path}/fifo`, Open.READ | Open.NONBLOCK);
  const write = open(CWD, `${directory.path}/fifo`, Open.WRITE);
  try {
    await call(`${directory.path}/journal`, { read, write });
  } finally {
    close(read);
    close(write);
  }
}

/** Opens the journal as the next process does. */
function reopened(path: string): { pending: string; unfinished: number | undefined } {
  using journal = new Journal(CWD, path);
  return { pending: text(journal.pending), unfinished: journal.unfinished?.length };
}

Deno.test("what was read stays pending until its write has ended, whenever the process is killed", () =>
  withFifo((path, fifo) => {
    {
      using journal = new Journal(CWD, path);
      writeAll(fifo.write, bytes("one\ntwo\nthr"), "lines");
      assertEquals(journal.fill(fifo.read, LIMIT), 11);
      assertEquals(journal.fill(fifo.read, LIMIT), -Errno.EAGAIN);
    }
    assertEquals(reopened(path), { pending: "one\ntwo\nthr", unfinished: undefined });
    {
      using journal = new Journal(CWD, path);
      journal.begin({ length: 8, instant: 5n, format: "t", inode: "77", position: 100 });
    }
    assertEquals(reopened(path), { pending: "one\ntwo\nthr", unfinished: 8 });
    {
      using journal = new Journal(CWD, path);
      assertEquals(journal.unfinished, {
        length: 8,
        instant: 5n,
        format: "t",
        inode: "77",
        position: 100,
      });
      journal.end(60);
      assertEquals(text(journal.pending), "thr");
      journal.settle();
      assertEquals(journal.lastInode, "77");
    }
    assertEquals(reopened(path), { pending: "thr", unfinished: undefined });
  }));

Deno.test("a journal that is written is cut, also where more comes all the time", () =>
  withFifo((path, fifo) => {
    const line = bytes("x".repeat(999) + "\n");
    using journal = new Journal(CWD, path);
    let largest = 0;
    for (let round = 0; round < 100; round++) {
      for (let count = 0; count < 32; count++) writeAll(fifo.write, line, "a line");
      writeAll(fifo.write, bytes("half"), "a part");
      journal.fill(fifo.read, LIMIT);
      const length = text(journal.pending).lastIndexOf("\n") + 1;
      journal.begin({ length, instant: 5n, format: "t", inode: "77", position: 0 });
      journal.end(length);
      journal.settle();
      assertEquals(text(journal.pending), "half");
      writeAll(fifo.write, bytes("\n"), "the rest");
      largest = Math.max(largest, Deno.statSync(path).size);
    }
    assert(largest < 1_200_000, `${largest} bytes`);
    journal.fill(fifo.read, LIMIT);
    journal.begin({ length: 5, instant: 5n, format: "t", inode: "77", position: 0 });
    journal.end(5);
    journal.settle();
    assert(Deno.statSync(path).size < 2_000_000);
  }));

Deno.test("an obstacle is noted, and forgotten with the next write", () =>
  withFifo((path, fifo) => {
    using journal = new Journal(CWD, path);
    writeAll(fifo.write, bytes("one\n"), "a line");
    journal.fill(fifo.read, LIMIT);
    journal.begin({ length: 4, instant: 5n, format: "t", inode: "77", position: 0 });
    journal.noteObstacle(9n, "it is full");
    assertEquals(journal.obstacle, { since: 9n, reason: "it is full" });
    journal.end(30);
    journal.settle();
    assertEquals(journal.obstacle, undefined);
  }));

Deno.test("another process has the journal", () =>
  withFifo(async (path) => {
    using _journal = new Journal(CWD, path);
    const script = `
      import { Journal } from "${new URL(
      "../../../lib/log/collector/journal.ts",
      import.meta.url,
    )}";
      try { new Journal(-100, ${
      JSON.stringify(path)
    }); } catch (error) { console.log(error.pid); }`;
    const { stdout } = await run([Deno.execPath(), "eval", script]);
    assertEquals(stdout, `${Deno.pid}\n`);
  }));

Deno.test("a damaged journal begins anew, and what is no file is refused", () =>
  withFifo((path) => {
    Deno.writeTextFileSync(path, "what is this\n".repeat(100));
    assertEquals(reopened(path), { pending: "", unfinished: undefined });
    Deno.removeSync(path);
    mkfifo(CWD, path, 0o600);
    assertThrows(() => new Journal(CWD, path), Error, "is not a file of user");
  }));
