import { assertEquals } from "@std/assert";
import { ChildReaper } from "../../../lib/os/spawn/child_reaper.ts";
import { exited } from "../../../lib/os/wait_status.ts";
import { within } from "../../support/within.ts";

Deno.test("many deaths are taken a thousand at a time, and none is lost", async () => {
  const dead = Array.from({ length: 2500 }, (_, index) => ({ pid: index + 1, status: exited(0) }));
  const left = dead.values();
  const reaper = new ChildReaper(() => false, () => left.next().value);
  const seen: number[] = [];
  const last = Promise.withResolvers<void>();
  for (const { pid } of dead) {
    reaper.watch({ pid }, () => {
      seen.push(pid);
      if (seen.length === dead.length) last.resolve();
    });
  }
  reaper.reap();
  assertEquals(seen.length, 1000);
  await within(last.promise, "the other deaths");
  assertEquals(seen, dead.map(({ pid }) => pid));
});

Deno.test("a child that dies before its process id is known is not forgotten", async () => {
  let starting = true;
  const dead = [{ pid: 7, status: exited(3) }, { pid: 8, status: exited(4) }];
  const reaper = new ChildReaper(() => starting, () => dead.shift());
  reaper.reap();
  assertEquals([reaper.diedEarly(7), reaper.diedEarly(9)], [true, false]);
  const { promise, resolve } = Promise.withResolvers<number>();
  reaper.watch({ pid: 7 }, resolve);
  assertEquals(await within(promise, "the death"), exited(3));
  starting = false;
  reaper.reap();
  assertEquals(reaper.diedEarly(8), false);
});
