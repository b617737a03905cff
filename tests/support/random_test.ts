import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Random, withRandom } from "./random.ts";

const numbers = (seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: 1000 }, () => random.next());
};

Deno.test("a seed repeats its numbers, and another one has others", () => {
  assertEquals(numbers(7), numbers(7));
  assert(numbers(7).every((number, index) => number !== numbers(8)[index]));
});

Deno.test("the numbers are spread evenly over what can be drawn", () => {
  const random = new Random(1);
  const counts = new Map<string, number>();
  for (let round = 0; round < 10_000; round++) {
    const letter = random.pick("abcd");
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort(), ["a", "b", "c", "d"]);
  for (const count of counts.values()) assert(Math.abs(count - 2500) < 200, `${count}`);
});

Deno.test("a failure names the seed", async () => {
  const message = "With SV_SEED=42: too bad";
  assertThrows(
    () =>
      withRandom(42, () => {
        throw new Error("too bad");
      }),
    Error,
    message,
  );
  await assertRejects(
    () => withRandom(42, () => Promise.reject(new Error("too bad"))),
    Error,
    message,
  );
});
