import { assertEquals } from "@std/assert";
import { isPattern, patternOf } from "../../../lib/cli/logs/named_logs.ts";

Deno.test("patterns are those of the shell", () => {
  const names = ["foo", "foo@a", "foo@b", "bar", "f.o", "a]b", "a*b"];
  const matching = (pattern: string) => names.filter((name) => patternOf(pattern).test(name));
  assertEquals(matching("*"), names);
  assertEquals(matching("foo@*"), ["foo@a", "foo@b"]);
  assertEquals(matching("f?o"), ["foo", "f.o"]);
  assertEquals(matching("f.o"), ["f.o"]);
  assertEquals(matching("foo@[b-z]"), ["foo@b"]);
  assertEquals(matching("foo@[!b-z]"), ["foo@a"]);
  assertEquals(matching("a[]]b"), ["a]b"]);
  assertEquals(matching("a[*]b"), ["a*b"]);
});

Deno.test("a path is no pattern, nor is a plain name", () => {
  assertEquals(["foo@*", "/srv/*", "foo", "fo?"].map(isPattern), [true, false, false, true]);
});
