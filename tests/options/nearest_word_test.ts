import { assertEquals } from "@std/assert";
import { nearestWord } from "../../lib/options/nearest_word.ts";

const WORDS = ["wait", "stat", "supervise", "event notify"];

for (
  const [what, word, nearest] of [
    ["two letters are swapped", "wiat", "wait"],
    ["a letter is missing", "sta", "stat"],
    ["a letter is too many", "waitt", "wait"],
    ["letters are others", "supervize", "supervise"],
    ["a letter of two words is missing", "event notfy", "event notify"],
    ["a long word may differ by a third", "superwhize", "supervise"],
    ["one letter of a short word is another", "wail", "wait"],
    ["two letters of a short word are others", "wall", undefined],
    ["a word of two letters is like no other", "sa", undefined],
    ["nothing is near", "xylophone", undefined],
  ] as const
) {
  Deno.test(`${what}: nearest to ${word} is ${nearest}`, () => {
    assertEquals(nearestWord(word, WORDS), nearest);
  });
}

Deno.test("of words that are equally near the first is taken", () => {
  assertEquals(nearestWord("abe", ["abc", "abd"]), "abc");
  assertEquals(nearestWord("ab", []), undefined);
});
