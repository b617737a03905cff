import { assertEquals } from "@std/assert";
import { TimerQueue } from "../../lib/os/timer_queue.ts";
import { seeded } from "../support/random.ts";

Deno.test(
  "calls come in the order of their deadlines, equal ones in the order of their making",
  seeded(1, (random) => {
    for (let round = 0; round < 200; round++) {
      const queue = new TimerQueue();
      const taken: number[] = [];
      const disposed: number[] = [];
      const expected = Array.from({ length: 20 }, (_, call) => {
        const deadline = random.below(8);
        const timer = queue.add(deadline, () => taken.push(call), () => disposed.push(call));
        return { call, deadline, timer };
      });
      const [withdrawn] = expected.splice(random.below(expected.length), 1);
      withdrawn!.timer[Symbol.dispose]();
      withdrawn!.timer[Symbol.dispose]();
      expected.sort((one, other) => one.deadline - other.deadline);
      for (let now = 0; now < 8; now++) {
        for (let due = queue.takeDue(now); due; due = queue.takeDue(now)) due();
        const due = expected.filter(({ deadline }) => deadline <= now);
        assertEquals(taken, due.map(({ call }) => call));
        assertEquals(queue.deadline, expected[due.length]?.deadline ?? Infinity);
        assertEquals(queue.empty, due.length === expected.length);
      }
      for (const { timer } of expected) timer[Symbol.dispose]();
      assertEquals(disposed, [withdrawn!.call]);
    }
  }),
);
