import { assertEquals } from "@std/assert";
import { EventFromEach } from "../../lib/waiting/event_from_each.ts";

const events = (text: string) => new TextEncoder().encode(text);

Deno.test("the wait is done when the event has come from every source", () => {
  const wait = new EventFromEach(3, "s".charCodeAt(0));
  assertEquals([wait.done, wait.missing], [false, [0, 1, 2]]);
  wait.receive(1, events("uUs"));
  wait.receive(0, events("x"));
  wait.receive(1, events("s"));
  assertEquals([wait.done, wait.missing], [false, [0, 2]]);
  wait.receive(2, events("s"));
  wait.receive(0, events("s"));
  assertEquals([wait.done, wait.missing], [true, []]);
});

Deno.test("without sources there is nothing to wait for", () => {
  assertEquals(new EventFromEach(0, 0).done, true);
});
