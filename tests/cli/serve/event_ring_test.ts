import { assertEquals } from "@std/assert";
import { EventRing } from "../../../lib/cli/serve/event_ring.ts";

const textsAfter = (ring: EventRing, number: number) => ring.after(number)?.map(({ text }) => text);

Deno.test("what came after an event is told, while it is kept", () => {
  const ring = new EventRing({ events: 3, characters: 1000 });
  assertEquals([ring.last, textsAfter(ring, 0)], [0, []]);
  for (const text of ["one", "two", "three", "four"]) ring.add(text);
  assertEquals(textsAfter(ring, 4), []);
  assertEquals(textsAfter(ring, 3), ["four"]);
  assertEquals(textsAfter(ring, 1), ["two", "three", "four"]);
  assertEquals(textsAfter(ring, 0), undefined, "the first one is forgotten");
  assertEquals(textsAfter(ring, 5), undefined, "there is no such event yet");
});

Deno.test("the characters are bounded, too", () => {
  const ring = new EventRing({ events: 100, characters: 10 });
  for (let number = 0; number < 5; number++) ring.add("four");
  assertEquals(textsAfter(ring, 3), ["four", "four"]);
  assertEquals(textsAfter(ring, 2), undefined);
  ring.add("longer than all that is kept");
  assertEquals(textsAfter(ring, 5), undefined);
  assertEquals(textsAfter(ring, 6), []);
});
