import { assertEquals, assertThrows } from "@std/assert";
import { cleanFifodir, makeFifodir, notify, SystemError } from "../../mod.ts";
import { Listener } from "../../lib/fifodir/listener.ts";
import { DEADLINE } from "../support/deadline.ts";
import { missingPrograms, testNeeding } from "../support/needs.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { run } from "../support/run.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { until } from "../support/until.ts";

const names = (directory: string) => [...Deno.readDirSync(directory)].map(({ name }) => name);

async function fifodir() {
  const place = await temporaryDirectory();
  const path = `${place.path}/event`;
  makeFifodir(path);
  return { path, place: place.path, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

Deno.test("every listener gets every byte, also those that are no text", async () => {
  await using events = await fifodir();
  using one = new Listener(events.path);
  using two = new Listener(events.path);
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  assertEquals(notify(events.path, bytes), 2);
  assertEquals([one.read(), two.read()], [bytes, bytes]);
  assertEquals(one.read(), new Uint8Array(0));
});

Deno.test("a listener is a FIFO of mode 622 under a name of the protocol, gone when done", async () => {
  await using events = await fifodir();
  {
    using _listener = new Listener(events.path);
    const [name] = names(events.path);
    assertEquals(/^ftrig1:@4[0-9a-f]{23}:[0-9A-Za-z]{6}$/.test(name!), true, name);
    const { mode, isFifo } = Deno.statSync(`${events.path}/${name}`);
    assertEquals([isFifo, mode! & 0o777], [true, 0o622]);
  }
  assertEquals(names(events.path), []);
});

Deno.test("a listener that is gone is forgotten by the next notification", async () => {
  await using events = await fifodir();
  const stale = `ftrig1:@400000006000000000000000:gone42`;
  await run(["mkfifo", `${events.path}/${stale}`]);
  assertEquals(notify(events.path, "u"), 0);
  assertEquals(names(events.path), []);
});

Deno.test("a listener that is gone is forgotten by the next listener", async () => {
  await using events = await fifodir();
  await run(["mkfifo", `${events.path}/ftrig1:@400000006000000000000000:gone42`]);
  using _first = new Listener(events.path);
  using _second = new Listener(events.path);
  assertEquals(notify(events.path, "u"), 2);
  assertEquals(names(events.path).length, 2);
});

Deno.test("a symbolic link under a listener's name leads no event astray", async () => {
  await using events = await fifodir();
  const elsewhere = `${events.place}/elsewhere`;
  Deno.writeTextFileSync(elsewhere, "precious");
  Deno.symlinkSync(elsewhere, `${events.path}/ftrig1:@400000006000000000000000:abcdef`);
  assertEquals(notify(events.path, "udU"), 0);
  assertEquals(Deno.readTextFileSync(elsewhere), "precious");
});

Deno.test("a listener that does not read misses events, and the notifier never waits", async () => {
  await using events = await fifodir();
  using lazy = new Listener(events.path);
  const lump = new Uint8Array(4096).fill(0x75);
  let written = 0;
  while (notify(events.path, lump) === 1) written++;
  using eager = new Listener(events.path);
  assertEquals(notify(events.path, lump), 1, "the full one is skipped, the other is written");
  assertEquals(eager.read().length, lump.length);
  let read = 0;
  for (let count; (count = lazy.read().length) > 0;) read += count;
  assertEquals(read, written * lump.length);
});

Deno.test("what is no listener's FIFO is left alone", async () => {
  await using events = await fifodir();
  const others = [
    ".ftrig1:@400000006000000000000000:hidden",
    "ftrig1:@400000006000000000000000:toolong",
    "something-else",
  ];
  for (const other of others) await run(["mkfifo", `${events.path}/${other}`]);
  assertEquals(notify(events.path, "u"), 0);
  assertEquals(cleanFifodir(events.path), 0);
  assertEquals(names(events.path).sort(), others.toSorted());
});

Deno.test("cleaning removes the stale and keeps the live", async () => {
  await using events = await fifodir();
  using _live = new Listener(events.path);
  await run(["mkfifo", `${events.path}/ftrig1:@400000006000000000000000:stale1`]);
  assertEquals(cleanFifodir(events.path), 1);
  assertEquals(names(events.path).length, 1);
});

testNeeding(
  [missingPrograms("s6-ftrig-wait", "s6-ftrig-notify")],
  "sv's notifier reaches s6's listener, and s6's notifier ours",
  async () => {
    await using events = await fifodir();
    const heard = run(["s6-ftrig-wait", "-t", `${DEADLINE}`, events.path, "U"]);
    // The only sign that s6-ftrig-wait listens is its FIFO.
    await until(() => notify(events.path, "uU") > 0, "s6-ftrig-wait to listen");
    assertEquals((await heard).code, 0);
    using listener = new Listener(events.path);
    await run(["s6-ftrig-notify", events.path, "dD"]);
    assertEquals(new TextDecoder().decode(listener.read()), "dD");
  },
);

Deno.test("a directory that is not there, or no fifodir, is named", async () => {
  await using events = await fifodir();
  const before = openDescriptors();
  const missing = `${events.place}/missing`;
  assertThrows(() => notify(missing, "u"), SystemError, missing);
  assertThrows(() => cleanFifodir(missing), SystemError, missing);
  assertThrows(() => new Listener(missing), SystemError, `Cannot listen to ${missing}: No such`);
  Deno.writeTextFileSync(missing, "");
  assertThrows(() => makeFifodir(missing), SystemError, `Cannot use ${missing} as a fifodir`);
  assertThrows(() => new Listener(missing), SystemError, `Cannot listen to ${missing}: Not a dir`);
  assertEquals(openDescriptors(), before);
});

Deno.test("a fifodir has the rights that the protocol says, and keeps them unless forced", async () => {
  await using events = await fifodir();
  const mode = (path: string) => (Deno.statSync(path).mode! & 0o7777).toString(8);
  assertEquals(mode(events.path), "1733");
  makeFifodir(events.path, { group: Deno.gid()! });
  assertEquals(mode(events.path), "1733");
  makeFifodir(events.path, { group: Deno.gid()!, force: true });
  assertEquals(mode(events.path), "3730");
});
