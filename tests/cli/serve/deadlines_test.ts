import { assertEquals } from "@std/assert";
import { Deadlines } from "../../../lib/cli/serve/deadlines.ts";

/** A clock that the test moves on. */
class Clock {
  time = 0;
  timers: { due: number; call: () => void }[] = [];
  set = 0;
  now = () => this.time;
  after = (milliseconds: number, call: () => void) => {
    this.set++;
    const timer = { due: this.time + milliseconds, call };
    this.timers.push(timer);
    return {
      [Symbol.dispose]: () => void (this.timers = this.timers.filter((other) => other !== timer)),
    };
  };
  moveTo(time: number) {
    for (;;) {
      const next = this.timers.sort((a, b) => a.due - b.due)[0];
      if (next === undefined || next.due > time) break;
      this.timers.shift();
      this.time = next.due;
      next.call();
    }
    this.time = time;
  }
}

Deno.test("a thing is told of when its deadline has passed, once", () => {
  const clock = new Clock();
  const passed: string[] = [];
  using deadlines = new Deadlines<string>(
    clock,
    (thing) => passed.push(`${thing} at ${clock.time}`),
  );
  deadlines.set("late", 100);
  deadlines.set("early", 10);
  clock.moveTo(9);
  assertEquals(passed, []);
  clock.moveTo(1000);
  assertEquals(passed, ["early at 10", "late at 100"]);
  assertEquals([deadlines.size, clock.timers.length], [0, 0], "nothing wakes up any more");
});

Deno.test("a deadline that is put off or taken away does not pass", () => {
  const clock = new Clock();
  const passed: string[] = [];
  using deadlines = new Deadlines<string>(clock, (thing) => passed.push(thing));
  deadlines.set("put off", 10);
  deadlines.set("taken away", 10);
  deadlines.clear("taken away");
  deadlines.set("put off", 500);
  clock.moveTo(499);
  assertEquals(passed, []);
  clock.moveTo(500);
  assertEquals(passed, ["put off"]);
});

Deno.test("many things in a row cost one timer", () => {
  const clock = new Clock();
  using deadlines = new Deadlines<number>(clock, () => {});
  for (let thing = 0; thing < 100; thing++) {
    deadlines.set(thing, 1000);
    deadlines.clear(thing);
  }
  assertEquals(clock.set, 1);
  clock.moveTo(5000);
  assertEquals(clock.timers.length, 0);
});
