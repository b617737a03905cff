import { assert, assertEquals } from "@std/assert";
import { pipe } from "../../lib/os/descriptor.ts";
import { close, tryRead, tryWrite } from "../../lib/os/file.ts";
import { Priority, Reactor } from "../../lib/os/reactor.ts";
import { within } from "../support/within.ts";

Deno.test("a callback comes when there is something to read, and when the other end is gone", async () => {
  const reactor = new Reactor();
  const { read, write } = pipe({ nonblockingRead: true });
  const counts: number[] = [];
  const ended = Promise.withResolvers<void>();
  reactor.watch(read, Priority.Ordinary, () => {
    const count = tryRead(read, new Uint8Array(16));
    counts.push(count);
    if (count > 0) close(write);
    else {
      reactor.unwatch(read);
      ended.resolve();
    }
  });
  tryWrite(write, Uint8Array.of(1, 2, 3));
  await within(ended.promise, "the reactor to call back");
  assertEquals(counts, [3, 0]);
  close(read);
});

Deno.test("of descriptors that are ready together, readiness is served before death", async () => {
  const reactor = new Reactor();
  const pipes = [Priority.Ordinary, Priority.Death, Priority.Readiness]
    .map((priority) => ({ priority, ...pipe({ nonblockingRead: true }) }));
  const order: Priority[] = [];
  const all = Promise.withResolvers<void>();
  for (const { priority, read } of pipes) {
    reactor.watch(read, priority, () => {
      order.push(priority);
      reactor.unwatch(read);
      if (order.length === pipes.length) all.resolve();
    });
  }
  const trigger = pipe();
  reactor.watch(trigger.read, Priority.Ordinary, () => {
    reactor.unwatch(trigger.read);
    for (const { write } of pipes) tryWrite(write, Uint8Array.of(1));
  });
  tryWrite(trigger.write, Uint8Array.of(1));
  await within(all.promise, "the reactor to call back");
  assertEquals(order, [Priority.Readiness, Priority.Death, Priority.Ordinary]);
  for (const { read, write } of [...pipes, trigger]) [read, write].forEach(close);
});

Deno.test("timers ring in the order of their deadlines, and not before", async () => {
  const reactor = new Reactor();
  const rung: number[] = [];
  const last = Promise.withResolvers<void>();
  let start: number;
  let armed: Disposable[] = [];
  // Where the host is too slow to set them at almost the same time, their deadlines have another order.
  do {
    armed.forEach((timer) => timer[Symbol.dispose]());
    start = performance.now();
    armed = [30, 10, 20].map((delay) =>
      reactor.after(delay, () => {
        assert(performance.now() - start >= delay - 1);
        rung.push(delay);
        if (delay === 30) last.resolve();
      })
    );
  } while (performance.now() - start > 5);
  using _disposed = reactor.after(5, () => rung.push(5));
  _disposed[Symbol.dispose]();
  await within(last.promise, "the reactor to call back");
  assertEquals(rung, [10, 20, 30]);
});

Deno.test("a callback may end the watch of a descriptor that is ready in the same batch", async () => {
  const reactor = new Reactor();
  const [first, second] = [pipe(), pipe()];
  const served = Promise.withResolvers<void>();
  const trigger = pipe();
  let wronglyServed = false;
  reactor.watch(second.read, Priority.Ordinary, () => wronglyServed = true);
  reactor.watch(first.read, Priority.Readiness, () => {
    reactor.unwatch(first.read);
    reactor.unwatch(second.read);
    served.resolve();
  });
  reactor.watch(trigger.read, Priority.Ordinary, () => {
    reactor.unwatch(trigger.read);
    for (const { write } of [first, second]) tryWrite(write, Uint8Array.of(1));
  });
  tryWrite(trigger.write, Uint8Array.of(1));
  await within(served.promise, "the reactor to call back");
  assertEquals(wronglyServed, false);
  for (const { read, write } of [first, second, trigger]) [read, write].forEach(close);
});

Deno.test("an error in one callback is reported, and the others are called", async () => {
  const reported: string[] = [];
  const listen = (event: ErrorEvent) => {
    event.preventDefault();
    reported.push(event.error.message);
  };
  addEventListener("error", listen);
  const reactor = new Reactor();
  try {
    const { promise, resolve } = Promise.withResolvers<void>();
    reactor.after(1, () => {
      throw new Error("one bad callback");
    });
    reactor.after(2, resolve);
    await within(promise, "the reactor to call back");
  } finally {
    reactor.close();
    removeEventListener("error", listen);
  }
  assertEquals(reported, ["one bad callback"]);
});
