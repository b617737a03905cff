import { assertEquals, assertRejects } from "@std/assert";
import { AsyncQueue } from "../../lib/waiting/async_queue.ts";

/** Makes a queue of numbers that counts how often it was closed. */
function numbers() {
  const closings: number[] = [];
  const queue = new AsyncQueue<number>(() => closings.push(closings.length));
  return { queue, closings: () => closings.length };
}

const END = { done: true, value: undefined } as const;

Deno.test("values come out in the order in which they went in, before and after next()", async () => {
  const { queue } = numbers();
  queue.push(1);
  queue.push(2);
  const taken = [queue.next(), queue.next(), queue.next(), queue.next()];
  queue.push(3);
  queue.push(4);
  assertEquals(
    (await Promise.all(taken)).map(({ value }) => value),
    [1, 2, 3, 4],
  );
});

Deno.test("leaving the loop closes the queue, once", async () => {
  const { queue, closings } = numbers();
  queue.push(1);
  for await (const _ of queue) break;
  queue[Symbol.dispose]();
  await queue[Symbol.asyncDispose]();
  assertEquals(closings(), 1);
  assertEquals(queue.closed, true);
});

Deno.test("closing ends every loop that waits, and what came before can still be taken", async () => {
  const { queue } = numbers();
  const waiting = [queue.next(), queue.next()];
  queue[Symbol.dispose]();
  assertEquals(await Promise.all(waiting), [END, END]);
  const other = numbers().queue;
  other.push(1);
  other[Symbol.dispose]();
  other.push(2);
  assertEquals(await Array.fromAsync(other), [1]);
});

Deno.test("a failure reaches the loop that waits", async () => {
  const { queue, closings } = numbers();
  const next = queue.next();
  queue.fail(new Error("it broke"));
  await assertRejects(() => next, Error, "it broke");
  assertEquals(await queue.next(), END);
  assertEquals(closings(), 1);
});

Deno.test("a failure while no loop waits is not lost: it follows the values before it", async () => {
  const { queue } = numbers();
  queue.push(1);
  queue.fail(new Error("it broke"));
  queue.fail(new Error("it broke again"));
  assertEquals(await queue.next(), { done: false, value: 1 });
  await assertRejects(() => queue.next(), Error, "it broke");
  assertEquals(await queue.next(), END);
});
