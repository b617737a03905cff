import { assertEquals } from "@std/assert";
import { changesOnScreen } from "../../../lib/cli/watch/screen.ts";

Deno.test("only lines that differ are drawn", () => {
  assertEquals(changesOnScreen(["a", "b", "c"], ["a", "B", "c"]), "\x1b[2;1HB\x1b[K");
  assertEquals(changesOnScreen(["a"], ["a"]), "");
});

Deno.test("another number of lines is another screen", () => {
  assertEquals(changesOnScreen([], ["a", "b"]), "\x1b[2J\x1b[1;1Ha\x1b[K\x1b[2;1Hb\x1b[K");
});
