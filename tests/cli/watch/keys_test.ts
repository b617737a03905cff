import { assertEquals } from "@std/assert";
import { keysIn } from "../../../lib/cli/watch/keys.ts";

Deno.test("what a terminal sends is keys", () => {
  assertEquals(keysIn("jk\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1b[F\r\x7f\x03é"), [
    "j",
    "k",
    "up",
    "down",
    "page up",
    "page down",
    "home",
    "end",
    "enter",
    "backspace",
    "q",
    "é",
  ]);
});

Deno.test("a lone escape is a key, other sequences and control characters are none", () => {
  assertEquals(keysIn("\x1b"), ["escape"]);
  assertEquals(keysIn("\x1b[1;5C\x1b[200~\x1b[15~\x01\t"), []);
});
