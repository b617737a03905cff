import { assertEquals, assertThrows } from "@std/assert";
import { splitWords } from "../../lib/options/split_words.ts";

for (
  const [text, words] of [
    ["", []],
    [" \n\t", []],
    ["-w 50 --tcp 5432\n", ["-w", "50", "--tcp", "5432"]],
    ["-w 50\n# a comment\n  --tcp 1 # another\n", ["-w", "50", "--tcp", "1"]],
    ["--http=http://h/#top a#b", ["--http=http://h/#top", "a#b"]],
    ["'a b'#c d", ["a b#c", "d"]],
    [`-c 'test -e "ready"' ''`, ["-c", `test -e "ready"`, ""]],
    [`"a \\"b\\" \\$c \\d"`, [`a "b" $c \\d`]],
    ["a\\ b \\# c\\\nd", ["a b", "#", "cd"]],
    [`--file='a'"b"c`, ["--file=abc"]],
  ] as const
) {
  Deno.test(`${JSON.stringify(text)} is ${words.length} words`, () => {
    assertEquals(splitWords(text), [...words]);
  });
}

for (const text of ["'a", 'a "b', "a 'b\nc", "a\\"]) {
  Deno.test(`${JSON.stringify(text)} is not complete`, () => {
    assertThrows(() => splitWords(text), Error, "a quote is not closed");
  });
}
