import { assertEquals } from "@std/assert";
import { makeFifodir, notify, subscribe } from "../../mod.ts";
import { reactor } from "../../lib/os/reactor.ts";
import { openDescriptors } from "../support/open_descriptors.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { within } from "../support/within.ts";

async function fifodir() {
  const place = await temporaryDirectory();
  const path = `${place.path}/event`;
  makeFifodir(path);
  return { path, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

Deno.test("a subscription misses nothing that is sent after it was made", async () => {
  await using events = await fifodir();
  using subscription = subscribe(events.path);
  notify(events.path, "suU");
  notify(events.path, "dD");
  let heard = "";
  for await (const event of subscription) {
    heard += event;
    if (event === "D") break;
  }
  assertEquals(heard, "suUdD");
});

Deno.test("aborting ends the loop that waits for an event", async () => {
  await using events = await fifodir();
  const controller = new AbortController();
  const subscription = subscribe(events.path, { signal: controller.signal });
  const next = subscription.next();
  controller.abort();
  assertEquals(await within(next, "the end of the iteration"), {
    done: true,
    value: undefined,
  });
});

Deno.test("a subscription leaves neither descriptor nor FIFO behind", async () => {
  await using events = await fifodir();
  reactor();
  const before = openDescriptors();
  for (let time = 0; time < 20; time++) {
    await using subscription = subscribe(events.path);
    notify(events.path, "u");
    assertEquals((await subscription.next()).value, "u");
  }
  assertEquals(openDescriptors(), before);
  assertEquals([...Deno.readDirSync(events.path)], []);
});
