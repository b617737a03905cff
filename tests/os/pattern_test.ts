import { assertEquals, assertThrows } from "@std/assert";
import { Pattern } from "../../lib/os/pattern.ts";

function matches(pattern: string, events: string | Uint8Array): boolean {
  using compiled = new Pattern(pattern);
  return compiled.matches(typeof events === "string" ? new TextEncoder().encode(events) : events);
}

Deno.test("a pattern is an extended regular expression of POSIX", () => {
  assertEquals(matches("u.*U|D", "suU"), true);
  assertEquals(matches("u.*U|D", "su"), false);
  assertEquals(matches("^s(uU){2}$", "suUuU"), true);
  assertEquals(matches("[[:upper:]]", "uU"), true);
  // Constructs of other kinds of expressions are ordinary characters.
  assertEquals(matches("[\\d]", "1"), false);
  assertEquals(matches("[\\d]", "d"), true);
});

Deno.test("a pattern sees bytes, not characters", () => {
  assertEquals(matches("^.$", Uint8Array.of(0xff)), true);
  assertEquals(matches("^..$", "ä"), true);
});

Deno.test("a pattern that is none is refused, and the C library says why", () => {
  assertThrows(() => new Pattern("a(b"), TypeError, "Cannot use 'a(b' as an extended regular");
  assertThrows(() => new Pattern("["), TypeError, "[");
});
